import { apiPath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import type { Pod, ResourceQuota, StringMap } from '../cluster/objects';
import {
  askForPod,
  type Absence,
  type DeniedPod,
  type InjectorAnswer,
  type OpenAdmission,
} from '../injector/ask-for-pod';
import { givenTo, type GivenAlone, type ReadPod } from '../injector/injector-alone';
import { neitherAsked } from '../injector/neither-asked';
import { calledInjector } from '../istio/called-injector';
import { readValidatingWebhookConfigurations } from '../istio/control-planes';
import { otherWebhooks, selectsPod, type PodWebhook, type SelectedPod } from '../istio/injection-webhooks';
import { originalTemplate } from '../snapshot/original-template';
import { labelsOfNamespace, type PodRecord, type Snapshot, type Workload } from '../snapshot/snapshot';
import { outdatedOf } from './compare-sidecars';
import { dryRunPod, type DryRunPod } from './dry-run-pod';
import { fullQuota } from './full-quota';
import type { Injection } from './injection';
import { mayBeOfTemplate } from './of-template';
import { refusedByPodSecurity } from './pod-security';
import { withoutContainers } from './unseen-containers';

/** The answer of the injector alone, with the injected pod. */
interface Given extends GivenAlone {
  readonly made: Pick<Pod, 'spec'> & {
    readonly metadata: { readonly labels?: StringMap; readonly annotations?: StringMap };
  };
  readonly absence?: Absence;
}

/** How to read an answer. */
export interface Reading extends ReadPod {
  /** Containers that others add after injection, so the injector does not see them. */
  readonly unseen: ReadonlySet<string>;
}

const NOT_KNOWN: OpenAdmission = { recorded: new Set(), mayRefuse: [] };

/**
 * Questions about workloads in namespaces in which the credentials have no permission for dry runs. Determines from the
 * webhooks whether the injector is called. What the rest of admission would do is unknown.
 *
 * Sends one request per workload. For an outdated workload, also reads its running pod. If others have added labels or
 * annotations to that pod, asks about a pod with these as well.
 */
export class QuestionsAlone {
  private readonly quotas = new Map<string, Promise<readonly ResourceQuota[]>>();
  private validating: Promise<readonly PodWebhook[]> | undefined;

  constructor(
    private readonly api: KubernetesApi,
    private readonly snapshot: Snapshot,
    private readonly injection: Injection,
  ) {}

  /**
   * @param pods the pods to compare with the answer
   * @returns undefined if the namespace is deleted or being deleted, and the workload with it
   */
  async ask(workload: Workload, pods: readonly PodRecord[], read: Reading): Promise<InjectorAnswer | undefined> {
    const namespace = this.snapshot.namespaces.get(workload.namespace);
    if (!namespace || namespace.isTerminating) {
      return undefined;
    }
    const pod = dryRunPod(workload);
    const given = await this.give(pod, read);
    if (!given || !('made' in given)) {
      return given;
    }
    const { sidecar, recorded, absence } = given;
    const answer = { sidecar, ...(absence ? { absence } : {}), open: { ...NOT_KNOWN, recorded } };
    const outdated = outdatedOf(pods, answer, workload);
    if (outdated.length === 0) {
      return answer;
    }
    const newest = outdated.find((one) => mayBeOfTemplate(workload, one));
    const running = newest && (await this.asRunning(workload, newest, pod, given));
    const asRunning = running && (await this.give(running, read));
    if (asRunning && !('made' in asRunning)) {
      return asRunning;
    }
    const isMissed = sidecar && pods.some((one) => !one.sidecar);
    const completed = {
      ...answer,
      open: {
        recorded,
        ...(asRunning ? { asRunning: { sidecar: asRunning.sidecar, recorded: asRunning.recorded } } : {}),
        mayRefuse: isMissed ? await this.refusing(pod, given) : [],
      },
    };
    const denied = outdatedOf(pods, completed, workload).length > 0 ? await this.noRoom(workload, given) : undefined;
    return denied ? { denied, alone: { sidecar, recorded }, open: completed.open } : completed;
  }

  private async give(pod: DryRunPod, read: Reading): Promise<Given | InjectorAnswer | undefined> {
    const { webhooks, alone } = this.injection;
    const { namespace } = pod.metadata;
    const called = calledInjector(webhooks, this.selectedPod(pod));
    if ('unknown' in called) {
      return unknown(called.unknown);
    }
    // A pod that nobody injects may have a proxy of its own, such as that of a gateway that istiod manages.
    const answer = called.webhook ? await alone.inject(called.webhook, namespace, pod) : { pod };
    if (!answer) {
      return this.dryRun(pod, read);
    }
    if ('refused' in answer) {
      return { denied: answer.refused, alone: answer, open: NOT_KNOWN };
    }
    const { sidecar: whole, recorded } = givenTo(answer.pod, read);
    const sidecar = withoutContainers(read.unseen, whole);
    const absence = called.webhook ? 'decided' : 'notSelected';
    return { sidecar, recorded, made: answer.pod, ...(sidecar ? {} : { absence }) };
  }

  /**
   * Tries a dry run if the injector cannot be asked alone. If the API server refuses the dry run as well, its error
   * names the missing permission.
   */
  private async dryRun(pod: DryRunPod, read: Reading): Promise<InjectorAnswer | undefined> {
    try {
      return await askForPod(this.api, pod.metadata.namespace, pod, read);
    } catch (error) {
      throw neitherAsked(error, this.injection.alone);
    }
  }

  /**
   * The pod in question with the labels and annotations that a running pod has in addition to those of its template and
   * of the injector; undefined if there are none.
   */
  private async asRunning(
    { namespace }: Workload,
    { name, uid }: PodRecord,
    pod: DryRunPod,
    { made }: Given,
  ): Promise<DryRunPod | undefined> {
    const running = await this.api.find<Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace, name }));
    if (running?.metadata.uid !== uid) {
      return undefined;
    }
    const { labels, annotations } = originalTemplate(running).metadata ?? {};
    const further = (found: StringMap = {}, ...known: readonly (StringMap | undefined)[]) =>
      Object.entries(found).filter(([key]) => known.every((one) => !one || !Object.hasOwn(one, key)));
    const addedLabels = further(labels, pod.metadata.labels, made.metadata.labels);
    const addedAnnotations = further(annotations, pod.metadata.annotations, made.metadata.annotations);
    return addedLabels.length + addedAnnotations.length === 0
      ? undefined
      : {
          ...pod,
          metadata: {
            ...pod.metadata,
            labels: { ...pod.metadata.labels, ...Object.fromEntries(addedLabels) },
            annotations: { ...pod.metadata.annotations, ...Object.fromEntries(addedAnnotations) },
          },
        };
  }

  /**
   * Who may refuse the pod with its sidecar: webhooks and Pod Security. If a running pod lacks a sidecar, and its
   * replacement may be refused, the plan is undetermined, because a restart could leave the workload without new pods.
   */
  private async refusing(pod: DryRunPod, { made }: Given): Promise<readonly string[]> {
    const selected = this.selectedPod(pod);
    this.validating ??= readValidatingWebhookConfigurations(this.api).then(otherWebhooks);
    const webhooks = [...this.injection.others, ...(await this.validating)].filter((one) => selectsPod(one, selected));
    const level = refusedByPodSecurity(selected.namespaceLabels, made.spec);
    return [
      ...new Set(webhooks.map(({ configuration }) => `webhook configuration ${configuration}`)),
      ...(level === undefined ? [] : [`Pod Security level ${level} of namespace ${selected.namespace}`]),
    ];
  }

  /** Why a quota has no room for another pod of the workload, if a restart creates a pod before it deletes one. */
  private async noRoom(workload: Workload, { made }: Given): Promise<string | undefined> {
    if (workload.type !== 'rollable' || workload.owner.makesRoomFirst(workload.object)) {
      return undefined;
    }
    const { namespace } = workload;
    const quotas =
      this.quotas.get(namespace) ??
      this.api.list<ResourceQuota, ResourceQuota>(
        apiPath({ apiVersion: 'v1', resource: 'resourcequotas', namespace }),
        (quota) => quota,
      );
    this.quotas.set(namespace, quotas);
    return fullQuota(await quotas, made.spec);
  }

  private selectedPod({ metadata: { namespace, labels } }: DryRunPod): SelectedPod {
    return { namespace, namespaceLabels: labelsOfNamespace(this.snapshot, { namespace }), labels };
  }
}

function unknown(why: string): DeniedPod {
  return { denied: why, open: NOT_KNOWN };
}
