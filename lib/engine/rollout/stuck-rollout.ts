import { apiPath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import type { Pod, WorkloadObject } from '../cluster/objects';
import { selectorQuery } from '../cluster/label-selector';

/** States of a container that usually end only after something is fixed, in the pod or outside. */
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
  /** Older pods do not belong to this rollout; in milliseconds since the epoch, by the API server's clock. */
  readonly since: number;
}

/**
 * Why a rollout makes no progress, from its pods or its controller; undefined if no reason is visible.
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

/** Why a pod does not become ready, if its status contains a reason. */
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

/** StatefulSets and DaemonSets report refused pods only in Events. */
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
    // Events only explain. Without permission to read them, the timeout of the rollout applies.
    if (error instanceof ApiFailure && error.status === 403) {
      return undefined;
    }
    throw error;
  }
}

/** Compares whole seconds, as the API server stores times of objects. */
function isSince({ creationTimestamp = '' }: Pod['metadata'], since: number): boolean {
  return Date.parse(creationTimestamp) >= Math.floor(since / 1000) * 1000;
}
