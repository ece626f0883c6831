import { type KubeClient, type KubeObject, until } from '../control-plane/kube-client';
import { troubleAnnotation } from '../control-plane/stages';

export interface RunningPod extends KubeObject {
  readonly spec: { readonly nodeName?: string; readonly containers: readonly { name: string; image: string }[] };
  readonly status: {
    readonly conditions?: readonly { type: string; status: string; lastTransitionTime: string }[];
    readonly containerStatuses?: readonly object[];
  };
}

/** The pods with this label `app` that are not being deleted, sorted by name. */
export async function podsOf(client: KubeClient, namespace: string, app: string): Promise<RunningPod[]> {
  const pods = await client.list<RunningPod>('v1', 'Pod', { namespace, labelSelector: `app=${app}` });
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}

/** Whether a pod's condition Ready is true. */
export function isPodReady({ status }: RunningPod): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

/** Writes, in place of the kubelet, that the pods of this `app` are ready, once this number of them is on nodes. */
export async function makeReady(client: KubeClient, namespace: string, app: string, count = 1): Promise<void> {
  // Waits until kwok has written what it is about to write, which would otherwise overwrite this status.
  const isReached = ({ metadata, spec, status }: RunningPod) =>
    spec.nodeName !== undefined &&
    (metadata.annotations?.[troubleAnnotation] === undefined || status.containerStatuses !== undefined);
  await until(
    async () => (await podsOf(client, namespace, app)).filter(isReached).length >= count,
    `${String(count)} pods of ${namespace}/${app} on their nodes`,
    { timeoutSeconds: 60 },
  );
  const waiting = (await podsOf(client, namespace, app)).filter((pod) => isReached(pod) && !isPodReady(pod));
  const now = new Date().toISOString();
  for (const { apiVersion, kind, metadata, spec } of waiting) {
    const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      ...{ type, status: 'True', lastTransitionTime: now },
    }));
    const containerStatuses = spec.containers.map(({ name, image }) => ({
      ...{ name, image, imageID: '', ready: true, started: true, restartCount: 0 },
      state: { running: { startedAt: now } },
    }));
    await client.patch(
      { apiVersion, kind, metadata },
      { status: { phase: 'Running', conditions, containerStatuses } },
      'status',
    );
  }
}
