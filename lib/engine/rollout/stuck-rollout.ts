import { apiPath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import type { Pod, WorkloadObject } from '../cluster/objects';
import { selectorQuery } from '../cluster/label-selector';

/** States of a container that do not end on their own, or only after something outside the pod is fixed. */
const STUCK = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

interface KubernetesEvent {
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly metadata: { readonly creationTimestamp?: string };
}

export interface RollingWorkload {
  readonly namespace: string;
  readonly object: WorkloadObject;
  /** Older pods are none of this rollout's; in milliseconds since the epoch, by the API server's clock. */
  readonly since: number;
}

/**
 * What keeps a rollout from going on, in the words of its pods or of its controller; undefined when nothing does that can
 * be seen.
 *
 * @throws RestartError, ApiFailure
 */
export async function stuckBecause(api: KubernetesApi, workload: RollingWorkload): Promise<string | undefined> {
  const { namespace, object, since } = workload;
  const failure = object.status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  if (failure) {
    return `its pods cannot be created: ${failure.message ?? 'no message'}`;
  }
  const pods = await api.list<Pod, Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace }), (pod) => pod, {
    labelSelector: selectorQuery(object.spec.selector),
  });
  const [stuck] = pods
    .filter(({ metadata }) => !metadata.deletionTimestamp && isSince(metadata, since))
    .flatMap(stuckPod);
  return stuck ?? (await creationFailure(api, workload));
}

/** Why a pod does not become ready, where its status says so. */
export function stuckPod({ metadata: { name }, status }: Pod): readonly string[] {
  const unscheduled = status?.conditions?.find(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
  );
  if (unscheduled?.status === 'False') {
    return [`pod ${name} cannot be scheduled: ${unscheduled.message ?? 'no message'}`];
  }
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return containers.flatMap((container) => {
    const { reason = '', message } = container.state?.waiting ?? {};
    return STUCK.has(reason)
      ? [`pod ${name}: container ${container.name} is in ${reason}${message ? `: ${message}` : ''}`]
      : [];
  });
}

/** StatefulSets and DaemonSets report only in Events that their pods are refused. */
async function creationFailure(api: KubernetesApi, workload: RollingWorkload): Promise<string | undefined> {
  const { namespace, object, since } = workload;
  try {
    const events = await api.list<KubernetesEvent, KubernetesEvent>(
      apiPath({ apiVersion: 'v1', resource: 'events', namespace }),
      (one) => one,
      {
        fieldSelector: `involvedObject.uid=${object.metadata.uid},reason=FailedCreate`,
      },
    );
    const timeOf = ({ lastTimestamp, eventTime, metadata }: KubernetesEvent) =>
      Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '');
    const [last] = events.filter((event) => timeOf(event) >= since).sort((one, other) => timeOf(other) - timeOf(one));
    return last && `its pods cannot be created: ${last.message ?? 'no message'}`;
  } catch (error) {
    // Events only explain: without the right to read them, the rollout's timeout has to do.
    if (error instanceof ApiFailure && error.status === 403) {
      return undefined;
    }
    throw error;
  }
}

/** The API server stores times of objects in whole seconds. */
function isSince({ creationTimestamp = '' }: Pod['metadata'], since: number): boolean {
  return Date.parse(creationTimestamp) >= Math.floor(since / 1000) * 1000;
}
