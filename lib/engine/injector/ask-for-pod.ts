import { apiPath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { forbidden } from '../cluster/forbidden';
import type { Pod } from '../cluster/objects';
import { RestartError } from '../restart-error';
import type { Difference } from './differences';
import { sidecarOf, type Share, type Sidecar } from './sidecar';

/** What the injector gives a pod of a workload today, or why that cannot be told. */
export type InjectorAnswer = GivenSidecar | { readonly denied: string };

export interface GivenSidecar {
  readonly sidecar: Sidecar | undefined;
  /** Whether a LimitRange of the namespace has added resources to the pod's containers. */
  readonly isCompleted?: boolean;
  /** What will be another for every pod that has a sidecar, whatever that looks like. */
  readonly changes?: readonly Difference[];
}

/** Where the admission plugin LimitRanger records what it has added. */
const LIMIT_RANGER = 'kubernetes.io/limit-ranger';
const INJECTION_WEBHOOK = /sidecar-injector\.istio\.io/;

/**
 * What the injector gives this pod; undefined when the namespace is gone or going, and the workload with it.
 *
 * @throws RestartError `InjectorUnreachable`, `Forbidden`, and ApiFailure of the API server itself
 */
export async function askForPod(
  api: KubernetesApi,
  namespace: string,
  pod: object,
  share?: Share,
): Promise<InjectorAnswer | undefined> {
  try {
    const created = await api.dryRunCreate<Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace }), pod);
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
