import type { Difference } from './differences';
import { isDeepStrictEqual } from 'node:util';
import { dryRunPod } from './dry-run-pod';
import { eachOf } from './each-of';
import { forbidden } from './forbidden';
import type { KubernetesApi } from './kubernetes/api';
import { ApiFailure } from './kubernetes/api-failure';
import type { Pod } from './kubernetes/objects';
import { RestartError } from './restart-error';
import { sidecarOf, type Share, type Sidecar } from './sidecar';
import { SidecarPool } from './sidecar-pool';
import type { Snapshot, Workload } from './snapshot';

/** What the injector gives a pod of a workload today, or why that cannot be told. */
export type InjectorAnswer = Given | { readonly denied: string };

interface Given {
  readonly sidecar: Sidecar | undefined;
  /** Whether a LimitRange of the namespace has added resources to the pod's containers. */
  readonly isCompleted?: boolean;
  /** What will be another for every pod that has a sidecar, whatever that looks like. */
  readonly changes?: readonly Difference[];
}

/** By the uid of the workload's object: owners of unknown kinds may share kind and name. */
export type InjectorAnswers = ReadonlyMap<string, InjectorAnswer>;

const CONCURRENCY = 16;
/** Where the admission plugin LimitRanger records what it has added. */
const LIMIT_RANGER = 'kubernetes.io/limit-ranger';
const INJECTION_WEBHOOK = /sidecar-injector\.istio\.io/;

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
    const answer = await ask(api, workload.namespace, dryRunPod(workload), (value) => pool.value(value));
    if (answer) {
      answers.set(workload.reference.uid, 'denied' in answer ? answer : kept(answer, workload));
    }
  });
  return answers;
}

/** What is kept of an answer: of an equal sidecar the one that the pods already have. */
function kept(answer: Given, { pods }: Workload): Given {
  const { sidecar } = answer;
  if (!sidecar) {
    return answer;
  }
  const equal = pods.find(
    (pod, index) => pod.sidecar !== pods[index - 1]?.sidecar && isDeepStrictEqual(pod.sidecar, sidecar),
  );
  return equal ? { ...answer, sidecar: equal.sidecar } : answer;
}

/** Undefined when the namespace is gone or going, and the workload with it. */
export async function ask(
  api: KubernetesApi,
  namespace: string,
  pod: object,
  share?: Share,
): Promise<InjectorAnswer | undefined> {
  try {
    const created = await api.dryRunCreate<Pod>(`/api/v1/namespaces/${namespace}/pods`, pod);
    const isCompleted = created.metadata.annotations?.[LIMIT_RANGER] !== undefined;
    return { sidecar: sidecarOf(created, share), ...(isCompleted ? { isCompleted } : {}) };
  } catch (error) {
    if (!(error instanceof ApiFailure)) {
      throw error;
    }
    if (error.status === 404 || (error.status === 403 && error.message.includes('because it is being terminated'))) {
      return undefined;
    }
    if (INJECTION_WEBHOOK.test(error.message) && error.status >= 500) {
      throw new RestartError(
        'InjectorUnreachable',
        `Istio's injection webhook cannot be called for namespace ${namespace}: ${error.message}`,
        { remedy: 'check that istiod runs and that the API server can reach it', cause: error },
      );
    }
    if (error.isOfServer) {
      throw error;
    }
    if (error.deniedByRbac) {
      throw forbidden(error);
    }
    return { denied: error.message };
  }
}
