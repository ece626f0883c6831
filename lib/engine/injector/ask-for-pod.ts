import { apiPath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { forbidden } from '../cluster/forbidden';
import type { Pod, PodTemplate, StringMap } from '../cluster/objects';
import { RestartError } from '../restart-error';
import type { Difference } from './differences';
import { admittedSidecar, type AnswerAlone, type GivenAlone, type ReadPod } from './injector-alone';
import type { Sidecar } from './sidecar';

/** The sidecar that the injector returns for a pod of a workload today, or why there is no answer. */
export type InjectorAnswer = GivenSidecar | DeniedPod;

interface AskedAlone {
  /** The answer of the injector alone, if it was asked. */
  readonly alone?: AnswerAlone;
  /** Who may interfere, if an earlier restart had no effect. */
  readonly interference?: Interference;
  /** The template of the pod in question, if it is not the workload's own. */
  readonly template?: PodTemplate;
  /** The labels of the pod after admission, if others have added labels that select a further injection webhook. */
  readonly selectingLabels?: StringMap;
  /** Set if only the injector was asked, not all admission: what remains unknown. */
  readonly open?: OpenAdmission;
}

/** What is unknown about the rest of admission. */
export interface OpenAdmission {
  /**
   * The injector's answer for a pod with the labels and annotations that a running pod has in addition to its template.
   * Others may add the same to the next pod before the injector sees it. Undefined if there are none.
   */
  readonly asRunning?: GivenAlone;
  /** The names of the containers that the injector adds or merges fields into; see `GivenAlone`. */
  readonly recorded: ReadonlySet<string>;
  /** The names, for messages, of everything that may refuse a pod with a sidecar. */
  readonly mayRefuse: readonly string[];
}

/** Admission would refuse the pod; or, for a prediction, istioctl cannot inject it. */
export interface DeniedPod extends AskedAlone {
  /** Why. */
  readonly denied: string;
  /** Set if istioctl cannot inject the pod. */
  readonly by?: 'istioctl';
  /** Whether the answer took too long. */
  readonly isLate?: boolean;
}

export interface GivenSidecar extends AskedAlone {
  readonly sidecar: Sidecar | undefined;
  /** Whether the injector alone would cause all differences between the pods and this sidecar. */
  readonly isConfirmed?: true;
  /** Why there is no sidecar, if that was determined. */
  readonly absence?: Absence;
  /** The labels of the pod after admission, on request. */
  readonly labels?: StringMap;
  /** Whether a LimitRange of the namespace has added resources to the pod's containers. */
  readonly isCompleted?: boolean;
  /**
   * Differences of each pod with a sidecar, besides those between the pod's own sidecar and `sidecar`. Only set by
   * predictions that are an upper bound (`PlanBound`).
   */
  readonly changes?: readonly Difference[];
}

/** Others that change a workload's pods. */
export interface Interference {
  /** The field managers of its pod template, except the engine. */
  readonly managers: readonly string[];
  /** The MutatingWebhookConfigurations that select its pods, except Istio's. */
  readonly webhooks: readonly string[];
}

/**
 * Why a pod gets no sidecar. `decided`: the injector was called and did not change the pod. `notSelected`: no injection
 * webhook selects the pod. `unknown`: the injector may not have been called.
 */
export type Absence = 'decided' | 'notSelected' | 'unknown';

/** The annotation in which the admission plugin LimitRanger records what it has added. */
const LIMIT_RANGER = 'kubernetes.io/limit-ranger';
const LATE = 'admission took too long, for example because of a slow webhook';
/** The API server's message about an injection webhook that it cannot call. Webhooks that refuse can write any text. */
const INJECTOR_FAILED = /^(?:Internal error occurred: )?failed calling webhook "[^"]*sidecar-injector\.istio\.io"/;

/**
 * The injector's answer for this pod; undefined if the namespace is deleted or being deleted, and the workload with it.
 *
 * @throws RestartError `InjectorUnreachable`, `Forbidden`, and ApiFailure of the API server itself
 */
export async function askForPod(
  api: KubernetesApi,
  namespace: string,
  pod: object,
  read: ReadPod = {},
): Promise<InjectorAnswer | undefined> {
  try {
    const created = await api.dryRunCreate<Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace }), pod);
    const { annotations, labels = {} } = created.metadata;
    const isCompleted = annotations?.[LIMIT_RANGER] !== undefined;
    return {
      sidecar: admittedSidecar(created, read),
      ...(read.withLabels ? { labels } : {}),
      ...(isCompleted ? { isCompleted } : {}),
    };
  } catch (error) {
    if (!(error instanceof ApiFailure)) {
      throw error;
    }
    if (error.isOfGoneNamespace) {
      return undefined;
    }
    if (INJECTOR_FAILED.test(error.message) && error.status >= 500) {
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
