import type { ObjectMeta, OwnerReference, Pod, StringMap, WorkloadObject } from '../../lib/engine/cluster/objects';

/** An object of the fake cluster, as JSON. */
export interface ClusterObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: unknown;
  status?: unknown;
  data?: StringMap;
  webhooks?: unknown;
}

export const OLD_IMAGE = 'registry.example/proxyv2:1.30.2';
export const IMAGE = 'registry.example/proxyv2:1.31.1';
/** The reason for a restart when a pod has the old image. */
export const OUT_OF_DATE = `(istio-init.image ${OLD_IMAGE} → ${IMAGE}, and 1 more)`;

export function namespace(name: string, labels: StringMap = {}, annotations: StringMap = {}): ClusterObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid: `uid-${name}`, labels, annotations } };
}

/** A namespace whose pods istiod injects. */
export function meshNamespace(name: string, annotations: StringMap = {}): ClusterObject {
  return namespace(name, { 'istio-injection': 'enabled' }, annotations);
}

/** The Service that the injection webhooks call, and through which the control plane is found. */
export function istiodService(
  name = 'istiod',
  namespace = 'istio-system',
  selector: StringMap = { app: 'istiod' },
): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, uid: `uid-${namespace}-${name}` },
    spec: { selector },
  };
}

export interface PodOptions {
  readonly namespace?: string;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly owner?: OwnerReference;
  /** The image of its sidecar; no sidecar when undefined. */
  readonly proxy?: string;
  readonly spec?: Partial<Pod['spec']>;
  readonly phase?: string;
}

export function pod(name: string, options: PodOptions = {}): ClusterObject {
  const { namespace = 'shop', labels = {}, annotations = {}, owner, proxy, spec = {}, phase = 'Running' } = options;
  const bare = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      labels,
      annotations,
      ...(owner ? { ownerReferences: [owner] } : {}),
    },
    spec: { containers: [{ name: 'app', image: 'app' }], ...spec },
    status: { phase },
  };
  return proxy === undefined ? bare : injected(bare, proxy);
}

/** The pod as istiod's webhook returns it. */
export function injected<T extends Pod>(pod: T, image: string): T {
  const record = { containers: ['istio-proxy'], initContainers: ['istio-init'], volumes: ['istio-envoy'] };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      annotations: {
        ...pod.metadata.annotations,
        'istio.io/rev': 'default',
        'sidecar.istio.io/status': JSON.stringify({ ...record, revision: 'default' }),
      },
    },
    spec: {
      ...pod.spec,
      initContainers: [{ name: 'istio-init', image }, ...(pod.spec.initContainers ?? [])],
      containers: [
        ...pod.spec.containers.filter(({ name }) => name !== 'istio-proxy'),
        { name: 'istio-proxy', image: pod.metadata.annotations?.['sidecar.istio.io/proxyImage'] ?? image },
      ],
      volumes: [...(pod.spec.volumes ?? []), { name: 'istio-envoy', emptyDir: { medium: 'Memory' } }],
    },
  };
}

export interface WorkloadOptions {
  readonly namespace?: string;
  /** Labels of the owner, not of its pods. */
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly template?: {
    readonly labels?: StringMap;
    readonly annotations?: StringMap;
    readonly spec?: Partial<Pod['spec']>;
  };
  readonly spec?: Partial<WorkloadObject['spec']>;
  readonly status?: WorkloadObject['status'];
  /** The images of the sidecars of its pods, `undefined` for a pod without one. */
  readonly proxies?: readonly (string | undefined)[];
}

/** A Deployment that has rolled out, its ReplicaSet and its pods. */
export function deployment(name: string, options: WorkloadOptions = {}): ClusterObject[] {
  const workload = workloadOf('apps/v1', 'Deployment', name, options);
  const set = replicaSet(`${name}-1`, { ...options, owner: ownerOf(workload), revision: 1 });
  return [
    { ...workload, metadata: { ...workload.metadata, annotations: { ...options.annotations, [REVISION]: '1' } } },
    ...set,
  ];
}

const REVISION = 'deployment.kubernetes.io/revision';

export interface ReplicaSetOptions extends WorkloadOptions {
  readonly owner?: OwnerReference;
  readonly revision?: number;
}

export function replicaSet(name: string, options: ReplicaSetOptions = {}): ClusterObject[] {
  const { owner, revision, annotations } = options;
  const hash = name.slice(name.lastIndexOf('-') + 1);
  const set = workloadOf('apps/v1', 'ReplicaSet', name, options);
  const metadata = {
    ...set.metadata,
    labels: { 'pod-template-hash': hash },
    annotations: { ...(owner ? {} : annotations), ...(revision === undefined ? {} : { [REVISION]: String(revision) }) },
    ...(owner ? { ownerReferences: [owner] } : {}),
  };
  return [{ ...set, metadata }, ...podsOf({ ...set, metadata }, options, () => ({ 'pod-template-hash': hash }))];
}

/** An Argo Rollout that has rolled out, its ReplicaSet and its pods. */
export function argoRollout(name: string, options: WorkloadOptions = {}): ClusterObject[] {
  const workload = workloadOf('argoproj.io/v1alpha1', 'Rollout', name, {
    ...options,
    status: { observedGeneration: '1', currentPodHash: '1', ...options.status },
  });
  const labels = { ...options.template?.labels, 'rollouts-pod-template-hash': '1' };
  const owned = replicaSet(`${name}-1`, { ...options, owner: ownerOf(workload) });
  return [workload, ...owned.map((object) => ({ ...object, metadata: { ...object.metadata, labels } }))];
}

export function statefulSet(name: string, options: WorkloadOptions = {}): ClusterObject[] {
  const status = { currentRevision: `${name}-1`, updateRevision: `${name}-1`, ...options.status };
  const set = workloadOf('apps/v1', 'StatefulSet', name, { ...options, status });
  return [
    set,
    ...podsOf(set, options, (index) => ({
      'apps.kubernetes.io/pod-index': String(index),
      'controller-revision-hash': `${name}-1`,
    })),
  ];
}

export function daemonSet(name: string, options: WorkloadOptions = {}): ClusterObject[] {
  const count = (options.proxies ?? [OLD_IMAGE]).length;
  const set = workloadOf('apps/v1', 'DaemonSet', name, {
    ...options,
    annotations: { ...options.annotations, 'deprecated.daemonset.template.generation': '1' },
    status: { desiredNumberScheduled: count, updatedNumberScheduled: count, numberAvailable: count, ...options.status },
  });
  return [set, ...podsOf(set, options, () => ({ 'pod-template-generation': '1' }))];
}

/** An owner of any kind with its pods. */
export function owner(
  apiVersion: string,
  kind: string,
  name: string,
  options: ReplicaSetOptions = {},
): ClusterObject[] {
  const object = workloadOf(apiVersion, kind, name, options);
  const metadata = { ...object.metadata, ...(options.owner ? { ownerReferences: [options.owner] } : {}) };
  return [{ ...object, metadata }, ...podsOf(object, options, () => ({}))];
}

export function ownerOf({ apiVersion, kind, metadata: { name, uid } }: ClusterObject): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true };
}

function workloadOf(apiVersion: string, kind: string, name: string, options: WorkloadOptions): ClusterObject {
  const { namespace = 'shop', labels = {}, annotations = {}, template = {}, spec = {}, status = {} } = options;
  const { spec: podSpec, ...metadata } = template;
  const replicas = (options.proxies ?? [OLD_IMAGE]).length;
  const counts = { replicas, updatedReplicas: replicas, availableReplicas: replicas };
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, uid: `uid-${kind}-${namespace}-${name}`, generation: 1, labels, annotations },
    spec: {
      replicas,
      template: { metadata, spec: { containers: [{ name: 'app', image: 'app' }], ...podSpec } },
      ...spec,
    },
    status: { observedGeneration: 1, ...counts, ...status },
  };
}

function podsOf(
  object: ClusterObject,
  { proxies = [OLD_IMAGE], template = {} }: WorkloadOptions,
  labels: (index: number) => StringMap,
): ClusterObject[] {
  const { name, namespace } = object.metadata;
  return proxies.map((proxy, index) =>
    pod(`${name}-${String(index)}`, {
      namespace,
      owner: ownerOf(object),
      labels: { ...template.labels, ...labels(index) },
      annotations: template.annotations,
      spec: template.spec,
      proxy,
    }),
  );
}
