import type { ObjectMeta, OwnerReference, Pod, StringMap, WorkloadObject } from '../../lib/engine/cluster/objects';
import { namespace as namespaceObject, ownerOf, type ClusterObject } from './cluster-builder';
import { asksForInjection, carried } from './expected-plan';
import type { Annotations, ClusterSketch, NamespaceSketch, PodSketch, Proxy, WorkloadSketch } from './random-cluster';

const CUSTOM = 'sidecar.istio.io/proxyImage';
const RESTARTED = '2026-11-24T11:00:00Z';

/** The objects of a sketched cluster, as its API server would list them. */
export function objectsOf({ namespaces, workloads }: ClusterSketch): readonly ClusterObject[] {
  return [
    ...namespaces.map(({ name, injection, annotations }) =>
      namespaceObject(name, injection ? { 'istio-injection': injection } : {}, annotationsOf(annotations)),
    ),
    ...workloads.flatMap((workload) => {
      const namespace = namespaces.find(({ name }) => name === workload.namespace) as NamespaceSketch;
      const { holders, pod } = OWNERS[workload.owner](workload);
      return [
        ...holders,
        ...workload.pods.map((sketch, position) =>
          podObject(workload, namespace, { sketch, position, ...pod(sketch, position) }),
        ),
      ];
    }),
  ];
}

/** Admission according to the sketch: a quota that refuses pods, and istiod's webhook. */
export function admissionOf({ namespaces, workloads, injector }: ClusterSketch) {
  return (pod: Pod, name: string): Pod | { readonly status: number; readonly message: string } => {
    const namespace = namespaces.find((one) => one.name === name) as NamespaceSketch;
    const workload = workloads.find((one) => one.name === pod.metadata.labels?.app) as WorkloadSketch;
    if (workload.admission === 'quota exceeded') return { status: 403, message: 'exceeded quota: small' };
    if (workload.admission === 'namespace terminating') {
      return { status: 404, message: `namespaces "${name}" not found` };
    }
    return injector === 'runs' && asksForInjection(workload, namespace) ? injected(pod, namespace.given) : pod;
  };
}

export function podName({ name }: WorkloadSketch, position: number): string {
  return `${name}-${String(position)}`;
}

/** How the pods belong to their owner. */
interface Hanging {
  readonly holders: readonly ClusterObject[];
  readonly pod: (
    sketch: PodSketch,
    position: number,
  ) => { owner?: OwnerReference; labels?: StringMap; created?: string };
}

const OWNERS: Readonly<Record<WorkloadSketch['owner'], (workload: WorkloadSketch) => Hanging>> = {
  Deployment(workload) {
    const REVISION = 'deployment.kubernetes.io/revision';
    const object = rollableObject('apps/v1', 'Deployment', workload, { annotations: { [REVISION]: '2' } });
    const sets = replicaSets(object, workload, REVISION, 'pod-template-hash');
    return {
      holders: [object, ...sets],
      pod: ({ isNew }) => ({
        owner: ownerOf(sets[isNew ? 1 : 0] as ClusterObject),
        labels: { 'pod-template-hash': isNew ? '2' : '1' },
      }),
    };
  },
  Rollout(workload) {
    const isEvicting = workload.rollout === 'under way';
    const object = rollableObject('argoproj.io/v1alpha1', 'Rollout', workload, {
      spec: isEvicting ? { restartAt: RESTARTED } : {},
      status: { availableReplicas: 9, observedGeneration: '1', currentPodHash: '2' },
    });
    const sets = replicaSets(object, workload, 'rollout.argoproj.io/revision', 'rollouts-pod-template-hash');
    const isOld = ({ isNew }: PodSketch) => workload.rollout === 'updating' && !isNew;
    return {
      holders: [object, ...sets],
      pod: (sketch) => ({
        owner: ownerOf(sets[isOld(sketch) ? 0 : 1] as ClusterObject),
        labels: { 'rollouts-pod-template-hash': isOld(sketch) ? '1' : '2' },
        created: sketch.isNew ? '2026-11-24T11:00:01Z' : '2026-11-24T10:59:59Z',
      }),
    };
  },
  StatefulSet(workload) {
    const { name, partition, isOnDelete, rollout } = workload;
    const object = rollableObject('apps/v1', 'StatefulSet', workload, {
      spec: { updateStrategy: isOnDelete ? { type: 'OnDelete' } : { rollingUpdate: { partition } } },
      status: { currentRevision: `${name}-${rollout === 'under way' ? '1' : '2'}`, updateRevision: `${name}-2` },
    });
    return {
      holders: [object],
      pod: ({ isNew }, position) => ({
        owner: ownerOf(object),
        labels: {
          'apps.kubernetes.io/pod-index': String(position),
          'controller-revision-hash': `${name}-${isNew ? '2' : '1'}`,
        },
      }),
    };
  },
  DaemonSet(workload) {
    const count = workload.pods.length;
    const object = rollableObject('apps/v1', 'DaemonSet', workload, {
      annotations: { 'deprecated.daemonset.template.generation': workload.rollout === 'unseen' ? '3' : '2' },
      spec: workload.isOnDelete ? { updateStrategy: { type: 'OnDelete' } } : {},
      status: {
        desiredNumberScheduled: count,
        updatedNumberScheduled: workload.rollout === 'under way' ? count - 1 : count,
        numberAvailable: count,
      },
    });
    return {
      holders: [object],
      pod: ({ isNew }) => ({ owner: ownerOf(object), labels: { 'pod-template-generation': isNew ? '2' : '1' } }),
    };
  },
  Job: (workload) => held(heldObject('batch/v1', 'Job', workload)),
  'Job of a CronJob': (workload) =>
    held(heldObject('batch/v1', 'Job', workload, reference('batch/v1', 'CronJob', 'nightly'))),
  ReplicaSet: (workload) => held(heldObject('apps/v1', 'ReplicaSet', workload)),
  'ReplicaSet of a CloneSet': (workload) =>
    held(heldObject('apps/v1', 'ReplicaSet', workload, reference('apps.kruise.io/v1alpha1', 'CloneSet', 'clones'))),
  ReplicationController: (workload) => held(heldObject('v1', 'ReplicationController', workload)),
  StrimziPodSet: ({ name }) => unread(reference('core.strimzi.io/v1', 'StrimziPodSet', name)),
  'StatefulSet of Kruise': ({ name }) => unread(reference('apps.kruise.io/v1beta1', 'StatefulSet', name)),
  'static Pod': () => unread(reference('v1', 'Node', 'node-1')),
  Pod: () => ({ holders: [], pod: () => ({}) }),
};

/** Pods of an owner that the engine reads, even if only to warn about it. */
function held(object: ClusterObject): Hanging {
  return { holders: [object], pod: () => ({ owner: ownerOf(object) }) };
}

/** Pods of an owner that the engine never reads. */
function unread(owner: OwnerReference): Hanging {
  return { holders: [], pod: () => ({ owner }) };
}

function reference(apiVersion: string, kind: string, name: string): OwnerReference {
  return { apiVersion, kind, name, uid: `uid-${kind}-${name}`, controller: true };
}

function heldObject(
  apiVersion: string,
  kind: string,
  workload: WorkloadSketch,
  owner?: OwnerReference,
): ClusterObject & WorkloadObject {
  const { namespace, name, pods, isScaledToZero, rollout } = workload;
  return {
    apiVersion,
    kind,
    metadata: {
      ...{ name, namespace, uid: `uid-${kind}-${name}`, generation: 1 },
      labels: tierOf(workload),
      annotations: annotationsOf(workload.annotations),
      ...(owner ? { ownerReferences: [owner] } : {}),
    },
    spec: { replicas: isScaledToZero ? 0 : pods.length, template: templateOf(workload) },
    status: {
      observedGeneration: rollout === 'unseen' ? 0 : 1,
      replicas: pods.length,
      updatedReplicas: pods.length - (rollout === 'under way' ? 1 : 0),
      availableReplicas: pods.length - (rollout === 'under way' ? 1 : 0),
    },
  };
}

function rollableObject(
  apiVersion: string,
  kind: string,
  workload: WorkloadSketch,
  more: {
    readonly annotations?: StringMap;
    readonly spec?: Partial<WorkloadObject['spec']>;
    readonly status?: WorkloadObject['status'];
  },
): ClusterObject {
  const object = heldObject(apiVersion, kind, workload);
  const failed = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...more.annotations } },
    spec: { ...object.spec, ...more.spec, ...(workload.isPaused ? { paused: true } : {}) },
    status: { ...object.status, ...(workload.rollout === 'failed' ? { conditions: [failed] } : {}), ...more.status },
  };
}

/** The ReplicaSet of the previous template, and that of the newest one. */
function replicaSets(
  object: ClusterObject,
  workload: WorkloadSketch,
  revision: string,
  label: string,
): readonly ClusterObject[] {
  const { name, namespace } = workload;
  const { metadata: written, spec } = templateOf(workload);
  return ['1', '2'].map((number) => {
    const metadata: ObjectMeta = {
      ...{ name: `${name}-${number}`, namespace, uid: `uid-ReplicaSet-${name}-${number}` },
      labels: { [label]: number },
      annotations: { [revision]: number },
      ownerReferences: [ownerOf(object)],
    };
    const template = { metadata: { ...written, labels: { ...written.labels, [label]: number } }, spec };
    return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { template } };
  });
}

function tierOf({ tier }: WorkloadSketch): StringMap {
  return tier === undefined ? {} : { tier };
}

function templateOf({ name, inject, hasCustomImage, isGateway }: WorkloadSketch) {
  return {
    metadata: {
      labels: { app: name, ...(inject ? { 'sidecar.istio.io/inject': inject } : {}) },
      annotations: { ...(hasCustomImage ? { [CUSTOM]: 'example/proxy' } : {}) },
    },
    spec: { containers: [isGateway ? { name: 'istio-proxy', image: 'auto' } : { name: 'app', image: 'app' }] },
  };
}

function podObject(
  workload: WorkloadSketch,
  namespace: NamespaceSketch,
  pod: { sketch: PodSketch; position: number; owner?: OwnerReference; labels?: StringMap; created?: string },
): ClusterObject {
  const { sketch, owner } = pod;
  const template = templateOf(workload);
  const name = podName(workload, pod.position);
  const isRead = owner !== undefined && !/kruise|strimzi/.test(owner.apiVersion) && owner.kind !== 'Node';
  const object: ClusterObject & Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name, namespace: workload.namespace, uid: `uid-${name}` },
      // If the labels of the owner are known, selectors do not apply to the labels of its pods.
      labels: { ...template.metadata.labels, ...pod.labels, ...(isRead ? { tier: 'front' } : tierOf(workload)) },
      annotations: {
        ...template.metadata.annotations,
        // If the annotations of the owner are known, those of its pods do not apply.
        ...(isRead ? {} : annotationsOf(workload.annotations)),
        ...(sketch.hasCustomImage ? { [CUSTOM]: 'example/proxy' } : {}),
        ...(owner?.kind === 'Node' ? { 'kubernetes.io/config.mirror': 'abc' } : {}),
      },
      ...(owner ? { ownerReferences: [owner] } : {}),
      ...(pod.created ? { creationTimestamp: pod.created } : {}),
      ...(sketch.life === 'leaves' ? { deletionTimestamp: '2026-11-24T11:59:59Z' } : {}),
    },
    spec: template.spec,
    status: { phase: sketch.life === 'ended' ? 'Succeeded' : 'Running' },
  };
  const proxy = carried(sketch, namespace);
  return proxy ? injected(object, proxy) : object;
}

/**
 * The pod as istiod's webhook returns it; like istiod, this function passes the name of the pod's owner to the proxy.
 */
function injected<T extends Pod>(pod: T, { image, revision, cpu, medium, setting }: Proxy): T {
  const { name, generateName, annotations, ownerReferences } = pod.metadata as Partial<ObjectMeta> & {
    generateName?: string;
  };
  const owner = ownerReferences?.[0]?.name.replace(/-\d$/, '') ?? name;
  const proxy = {
    name: 'istio-proxy',
    image: annotations?.[CUSTOM] ?? image,
    resources: { requests: { cpu } },
    env: [
      { name: 'PROXY_CONFIG', value: setting },
      { name: 'ISTIO_META_WORKLOAD_NAME', value: owner ?? generateName },
      { name: 'ISTIO_META_OWNER', value: `kubernetes://${owner ?? generateName ?? ''}` },
    ],
  };
  const record = { containers: ['istio-proxy'], volumes: ['istio-envoy'], revision };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      annotations: { ...annotations, 'istio.io/rev': revision, 'sidecar.istio.io/status': JSON.stringify(record) },
    },
    spec: {
      ...pod.spec,
      containers: [...pod.spec.containers.filter((one) => one.name !== 'istio-proxy'), proxy],
      volumes: [...(pod.spec.volumes ?? []), { name: 'istio-envoy', emptyDir: { medium } }],
    },
  };
}

function annotationsOf(annotations: Annotations): StringMap {
  return Object.fromEntries(
    Object.entries(annotations).flatMap(([part, value]) =>
      value === undefined ? [] : [[`istio-module/${part}`, String(value)]],
    ),
  );
}
