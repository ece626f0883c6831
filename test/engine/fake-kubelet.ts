import type { Container, Pod } from '../../lib/engine/cluster/objects';
import { refusal, type FakeAnswer, type FakeRequest } from './fake-api-server';
import { OLD_IMAGE, pod, type ClusterObject, type PodOptions } from './cluster-builder';
import type { FakeCluster } from './fake-cluster';

const PATCHED_POD = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+?)(\/resize)?$/;
const RESOURCES = { requests: { cpu: '10m', memory: '40Mi' } };

export interface NativeSidecar {
  readonly image?: string;
  readonly resources?: object;
  readonly env?: Container['env'];
}

/** The pod as istiod's webhook returns it if sidecars are native. */
export function injectedNative<T extends Pod>(bare: T, sidecar: NativeSidecar = {}): T {
  const { image = OLD_IMAGE, resources = RESOURCES, env } = sidecar;
  const record = { initContainers: ['istio-validation', 'istio-proxy'], containers: null, volumes: [] };
  const status = JSON.stringify({ ...record, revision: 'default' });
  const proxy = { name: 'istio-proxy', image, resources, restartPolicy: 'Always', ...(env ? { env } : {}) };
  return {
    ...bare,
    metadata: {
      ...bare.metadata,
      annotations: {
        ...bare.metadata.annotations,
        ...{ 'istio.io/rev': 'default', 'sidecar.istio.io/status': status },
      },
    },
    spec: { ...bare.spec, initContainers: [{ name: 'istio-validation', image, resources }, proxy] },
  };
}

/** A pod with a native sidecar that runs. */
export function nativePod(name: string, options: PodOptions = {}, sidecar: NativeSidecar = {}): ClusterObject {
  const spec = { containers: [{ name: 'app', image: 'app', resources: RESOURCES }], ...options.spec };
  const object = injectedNative(pod(name, { ...options, spec }) as ClusterObject & Pod, sidecar);
  return { ...object, metadata: { ...object.metadata, generation: 1 }, status: statusOf(object, 1, RESOURCES) };
}

function statusOf({ spec }: Pod, generation: number, resources: unknown): Pod['status'] {
  const running = { state: { running: {} }, started: true, ready: true };
  const image = spec.initContainers?.[1]?.image ?? '';
  return {
    phase: 'Running',
    observedGeneration: generation,
    initContainerStatuses: [{ name: 'istio-proxy', containerID: `containerd://${image}`, resources, ...running }],
    containerStatuses: [{ name: 'app', containerID: 'containerd://app', ...running }],
  };
}

/** Answers patches of pods, as the API server would, with a kubelet that applies them at once. */
export function fakeKubelet({ method, path, body }: FakeRequest, cluster: FakeCluster): FakeAnswer | undefined {
  const [, namespace, name] = PATCHED_POD.exec(path) ?? [];
  if (method !== 'PATCH' || name === undefined) {
    return undefined;
  }
  const known = cluster.objects.find(
    ({ kind, metadata }) => kind === 'Pod' && metadata.name === name && metadata.namespace === namespace,
  );
  if (!known) {
    return refusal(404, 'NotFound', `pods "${name}" not found`);
  }
  const { metadata, spec } = body as Pick<Pod, 'metadata' | 'spec'>;
  if (metadata.resourceVersion !== known.metadata.resourceVersion || metadata.uid !== known.metadata.uid) {
    return refusal(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version');
  }
  const present = known.spec as Pod['spec'];
  const changed = {
    ...present,
    initContainers: present.initContainers?.map((one) => ({
      ...one,
      ...spec.initContainers?.find((change) => change.name === one.name),
    })),
  };
  const generation = (known.metadata.generation ?? 0) + 1;
  const after = {
    ...known,
    metadata: { ...known.metadata, generation, resourceVersion: String(generation + 100) },
    spec: changed,
    status: statusOf({ metadata, spec: changed }, generation, changed.initContainers?.[1]?.resources),
  };
  cluster.objects = cluster.objects.map((one) => (one === known ? after : one));
  return { body: after };
}
