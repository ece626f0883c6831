import { isDeepStrictEqual } from 'node:util';
import type { KubernetesApi } from '../cluster/api';
import { eachOf } from '../cluster/each-of';
import { askForPod, type GivenSidecar, type InjectorAnswer } from '../injector/ask-for-pod';
import { SidecarPool } from '../snapshot/sidecar-pool';
import type { Snapshot, Workload } from '../snapshot/snapshot';
import { dryRunPod } from './dry-run-pod';

/** By the workload's `id`. */
export type InjectorAnswers = ReadonlyMap<string, InjectorAnswer>;

const CONCURRENCY = 16;

/**
 * One dry-run creation for each workload that is not excluded with its whole namespace; a few at a time.
 *
 * @throws RestartError `InjectorUnreachable`, `Forbidden`, `ClusterUnreachable`, `Aborted`, and ApiFailure of the API server itself: without an answer there is no plan
 */
export async function askInjector(
  api: KubernetesApi,
  snapshot: Snapshot,
  isAsked: (workload: Workload) => boolean,
): Promise<InjectorAnswers> {
  const answers = new Map<string, InjectorAnswer>();
  const pool = new SidecarPool();
  await eachOf(snapshot.workloads.filter(isAsked), { limit: CONCURRENCY }, async (workload) => {
    const answer = await askForPod(api, workload.namespace, dryRunPod(workload), (value) => pool.value(value));
    if (answer) {
      answers.set(workload.id, 'denied' in answer ? answer : kept(answer, workload));
    }
  });
  return answers;
}

/** What is kept of an answer: of an equal sidecar the one that the pods already have. */
function kept(answer: GivenSidecar, { pods }: Workload): GivenSidecar {
  const { sidecar } = answer;
  if (!sidecar) {
    return answer;
  }
  const equal = pods.find(
    (pod, index) => pod.sidecar !== pods[index - 1]?.sidecar && isDeepStrictEqual(pod.sidecar, sidecar),
  );
  return equal ? { ...answer, sidecar: equal.sidecar } : answer;
}
