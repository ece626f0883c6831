import type { KubeClient, KubeObject } from '../control-plane/kube-client';

/** What is seen of one pod. */
export interface PodView {
  readonly name: string;
  readonly uid: string;
  /** The image of its sidecar; undefined when it has none. */
  readonly image: string | undefined;
  /** The resources of its sidecar; undefined when it has none. */
  readonly resources: unknown;
}

/** What is seen of one workload. */
export interface WorkloadView {
  readonly generation: number | undefined;
  /** Sorted by name; pods that are being deleted are left out. */
  readonly pods: readonly PodView[];
}

/** Workloads by kind, namespace and name, such as `Deployment/shop/cart`. */
export type WorkloadViews = Readonly<Record<string, WorkloadView>>;

/** What changed in workloads between two views of them. */
export interface WorkloadChanges {
  /** Workloads of which at least one pod is gone. */
  readonly replaced: readonly string[];
  /** Workloads that have the same pods as before. */
  readonly kept: readonly string[];
  readonly podsReplaced: number;
  readonly podsKept: number;
}

interface Pod extends KubeObject {
  readonly spec: Record<'containers' | 'initContainers', readonly Container[] | undefined>;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources?: unknown;
}

/** Views every workload that has pods in these namespaces. */
export async function viewWorkloads(client: KubeClient, namespaces: readonly string[]): Promise<WorkloadViews> {
  const views: Record<string, WorkloadView> = {};
  for (const namespace of namespaces) {
    const pods = await client.list<Pod>('v1', 'Pod', { namespace });
    for (const pod of pods.filter(({ metadata }) => !metadata.deletionTimestamp)) {
      const owner = ownerOf(pod);
      const key = `${owner.kind}/${namespace}/${owner.name}`;
      const generation = views[key]?.generation ?? (await generationOf(client, owner, namespace));
      const sorted = [...(views[key]?.pods ?? []), viewOf(pod)].sort((a, b) => (a.name < b.name ? -1 : 1));
      views[key] = { generation, pods: sorted };
    }
  }
  return views;
}

/** Compares two views, pod by pod, by UID. */
export function changesOf(before: WorkloadViews, after: WorkloadViews): WorkloadChanges {
  const uids = new Set(Object.values(after).flatMap(({ pods }) => pods.map(({ uid }) => uid)));
  const isGone = ({ uid }: PodView) => !uids.has(uid);
  const keys = Object.keys(before).sort();
  const pods = Object.values(before).flatMap((workload) => workload.pods);
  return {
    replaced: keys.filter((key) => before[key]?.pods.some(isGone)),
    kept: keys.filter((key) => !before[key]?.pods.some(isGone) && before[key]?.pods.length === after[key]?.pods.length),
    podsReplaced: pods.filter(isGone).length,
    podsKept: pods.filter((pod) => !isGone(pod)).length,
  };
}

interface Owner {
  readonly kind: string;
  readonly name: string;
}

async function generationOf(client: KubeClient, owner: Owner, namespace: string): Promise<number | undefined> {
  const apiVersion = owner.kind === 'Job' ? 'batch/v1' : owner.kind === 'Pod' ? 'v1' : 'apps/v1';
  const object = await client.find({ apiVersion, kind: owner.kind, metadata: { name: owner.name, namespace } });
  return object?.metadata.generation;
}

function ownerOf({ metadata }: Pod): Owner {
  const [owner] = metadata.ownerReferences ?? [];
  const hash = metadata.labels?.['pod-template-hash'];
  if (owner?.kind === 'ReplicaSet' && hash !== undefined) {
    return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  }
  return owner ?? { kind: 'Pod', name: metadata.name };
}

function viewOf({ metadata, spec }: Pod): PodView {
  const proxy = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].find(({ name }) => name === 'istio-proxy');
  return { name: metadata.name, uid: metadata.uid ?? '', image: proxy?.image, resources: proxy?.resources };
}
