import { requestsInjection } from '../injector/injection-request';
import { labelsOfNamespace, type Snapshot, type Workload } from '../snapshot/snapshot';
import type { InjectorAnswers } from './ask-injector';
import { asksForInjection } from './asks-for-injection';
import { givesSidecar } from './gives-sidecar';
import { isInTemplate } from './template-sidecar';

/** If at least this many workloads are affected, the problem is not limited to single workloads. */
const MANY = 3;

/**
 * The workloads that would lose their sidecars in such a way that the whole run has to stop. They request injection,
 * have a sidecar, and would come back without one, because
 *  - no injection webhook serves what their namespace requests, or
 *  - the injector skips at least three workloads, and most of the mesh, which indicates an error in its configuration.
 *
 * Empty if the injector skips only single workloads. A sidecar in a pod template cannot be lost.
 */
export function lostSidecars(snapshot: Snapshot, answers: InjectorAnswers): readonly Workload[] {
  const meshed = snapshot.workloads.filter(
    (workload) =>
      answers.has(workload.id) &&
      workload.pods.some(({ sidecar }) => sidecar) &&
      asksForInjection(workload, snapshot, answers.get(workload.id)) &&
      !isInTemplate(workload),
  );
  const lost = meshed.filter(({ id }) => {
    const answer = answers.get(id);
    return givesSidecar(answer) === false && !answer?.open?.asRunning?.sidecar;
  });
  const absenceOf = ({ id }: Workload) => {
    const answer = answers.get(id);
    return answer && 'absence' in answer ? answer.absence : undefined;
  };
  const unserved = lost.filter((workload) => {
    const absence = absenceOf(workload);
    return absence === undefined || (absence === 'notSelected' && isAskedByNamespace(workload, snapshot));
  });
  if (unserved.length > 0) {
    return unserved;
  }
  const decided = lost.filter((workload) => absenceOf(workload) === 'decided');
  return decided.length >= MANY && isMostOf(decided, meshed) ? decided : [];
}

/**
 * Whether most workloads are affected in most namespaces. Each namespace counts once, however many workloads it has.
 */
function isMostOf(lost: readonly Workload[], meshed: readonly Workload[]): boolean {
  const namespaces = [...new Set(meshed.map(({ namespace }) => namespace))];
  const count = (workloads: readonly Workload[], name: string) =>
    workloads.filter(({ namespace }) => namespace === name).length;
  const losing = namespaces.filter((name) => count(lost, name) * 2 > count(meshed, name));
  return losing.length * 2 > namespaces.length;
}

function isAskedByNamespace(workload: Workload, snapshot: Snapshot): boolean {
  return requestsInjection(labelsOfNamespace(snapshot, workload), { spec: workload.template.spec });
}
