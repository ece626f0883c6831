import { apiPath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { forbidden } from '../cluster/forbidden';
import type { Pod, PodTemplate } from '../cluster/objects';
import { RestartError } from '../restart-error';
import type { Difference } from './differences';
import type { AnswerAlone, GivenAlone, ReadPod } from './injector-alone';
import { sidecarOf, type Sidecar } from './sidecar';

/** What the injector returns for a pod of a workload today, or why there is no answer. */
export type InjectorAnswer = GivenSidecar | DeniedPod;

interface AskedAlone {
  /** What the injector itself answers, where it was asked. */
  readonly alone?: AnswerAlone;
  /** Who may interfere, where a restart was without effect. */
  readonly interference?: Interference;
  /** What it is about, where that is not the workload's own template. */
  readonly template?: PodTemplate;
  /** Set where the injector was asked instead of all admission: what that leaves open. */
  readonly open?: OpenAdmission;
}

/** What is not known of the rest of admission. */
export interface OpenAdmission {
  /**
   * What the injector gives a pod that has the labels and annotations which a running one has beside those of its template:
   * others may add the same to the next one before the injector sees it. Undefined where there are none.
   */
  readonly asRunning?: GivenAlone;
  /** The containers that the injector's record names. */
  readonly recorded: ReadonlySet<string>;
  /** What may refuse a pod with a sidecar, as its user may call it. */
  readonly mayRefuse: readonly string[];
}

/** The pod would be refused. */
export interface DeniedPod extends AskedAlone {
  readonly denied: string;
  /** Whether it took the API server too long to say anything. */
  readonly isLate?: boolean;
}

export interface GivenSidecar extends AskedAlone {
  readonly sidecar: Sidecar | undefined;
  /** Why there is none, where that was looked at. */
  readonly absence?: Absence;
  /** Whether a LimitRange of the namespace has added resources to the pod's containers. */
  readonly isCompleted?: boolean;
  /** What will be another for every pod that has a sidecar, whatever that looks like. */
  readonly changes?: readonly Difference[];
}

/** Who else decides what a workload's pods look like. */
export interface Interference {
  /** The field managers of its pod template, but for Kubernetes' own and the engine's. */
  readonly managers: readonly string[];
  /** The MutatingWebhookConfigurations that select its pods, but for Istio's. */
  readonly webhooks: readonly string[];
}

/**
 * Why the injector gives no sidecar. `decided`: it was called, and leaves the pod as it is. `notSelected`: no webhook of an
 * injector selects the pod. `unknown`: it may not have been called.
 */
export type Absence = 'decided' | 'notSelected' | 'unknown';

/** Where the admission plugin LimitRanger records what it has added. */
const LIMIT_RANGER = 'kubernetes.io/limit-ranger';
const LATE = 'admission took too long, as with a slow webhook';
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
  { share, containers }: ReadPod = {},
): Promise<InjectorAnswer | undefined> {
  try {
    const created = await api.dryRunCreate<Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace }), pod);
    const isCompleted = created.metadata.annotations?.[LIMIT_RANGER] !== undefined;
    return { sidecar: sidecarOf(created, share, containers), ...(isCompleted ? { isCompleted } : {}) };
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
    if (error.isLate) {
      await api.awaitAnswer();
      return { denied: LATE, isLate: true };
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
