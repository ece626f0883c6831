import type { Snapshot, Workload } from '../../snapshot/snapshot';
import type { InjectorAnswers } from '../ask-injector';
import { whyNotSelected, type PlanOptions } from '../plan-options';
import { givesSidecar } from '../gives-sidecar';

/** What a plan was made from. */
export interface PlanBasis {
  readonly snapshot: Snapshot;
  readonly answers: InjectorAnswers;
  readonly options: PlanOptions;
  /** Workloads that are not in the snapshot, because the caller ignores them. */
  readonly except: readonly Pick<Workload, 'namespace'>[];
}

/**
 * Why the plan cannot tell that all workloads of the namespace have entered or left the mesh, as a clause; undefined if
 * it can. A workload with the annotation `istio-module/restart: disabled` is no reason, because no other run would
 * restart it either.
 */
export function whyUnjudged(namespace: string, { snapshot, answers, options, except }: PlanBasis): string | undefined {
  const workloads = snapshot.workloads.filter((workload) => workload.namespace === namespace);
  if (
    except.some((workload) => workload.namespace === namespace) ||
    workloads.some((workload) => whyNotSelected(workload, options) !== undefined)
  ) {
    return 'this run does not include all of its workloads; a run that includes all of them can end this';
  }
  return options.purpose === 'remove' && workloads.some((workload) => isEntering(workload, answers))
    ? 'Istio still injects sidecars into its workloads, so they have yet to enter the mesh; a restart can end this, a removal cannot'
    : undefined;
}

/**
 * Whether pods of the workload have no sidecar, but would get one if they were created now. A removal leaves such
 * workloads alone.
 */
function isEntering({ id, pods }: Workload, answers: InjectorAnswers): boolean {
  const answer = answers.get(id);
  return (
    givesSidecar(answer && 'denied' in answer ? answer.alone : answer) === true &&
    pods.some(({ sidecar }) => sidecar === undefined)
  );
}
