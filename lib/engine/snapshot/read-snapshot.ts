import { own } from '../cluster/own';
import { isObjectName } from '../cluster/object-name';
import { apiPath, type ApiLocation } from '../cluster/api-path';
import type { KubernetesApi, ListOptions } from '../cluster/api';
import type { ArrayTexts } from '../cluster/list-items';
import type { Namespace, ObjectMeta, OwnerReference, Pod, StringMap, WorkloadObject } from '../cluster/objects';
import { ApiFailure } from '../cluster/api-failure';
import { originalTemplate } from './original-template';
import { ownerKind } from '../kinds/owner-kind';
import { ROLLABLE_OWNERS, rollableOwner } from '../kinds/rollable-owners';
import type { UnrollableOwner } from '../kinds/unrollable-owner';
import { controllerOf, groupBy, Owners, selects, type PodOwner } from './owners';
import { restartSettings } from './restart-annotations';
import { CUSTOM_IMAGE_ANNOTATION, hasMalformedRecord } from '../injector/sidecar';
import { POD_ARRAYS, SidecarPool, withArrays } from './sidecar-pool';
import { keyOf, type NamespaceRecord, type PodOrigin, type PodRecord, type Snapshot, type Workload } from './snapshot';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** A pod that has ended has no sidecar any more, and of the others' status nothing is read but the phase. */
const PODS: ListOptions = {
  fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
  omitted: ['status.conditions', 'status.initContainerStatuses', 'status.containerStatuses'],
  asText: POD_ARRAYS,
};

/**
 * Reads the cluster: one LIST per kind, in an order in which no pod's owner can be missed: owners after their pods.
 *
 * @throws RestartError, ApiFailure
 */
export async function readSnapshot(api: KubernetesApi): Promise<Snapshot> {
  const sidecars = new SidecarPool();
  const wholePods = new Map<string, Pod>();
  const [namespaces, listed] = await Promise.all([
    api.list<Namespace, NamespaceRecord>('/api/v1/namespaces', ({ metadata }) => ({
      name: metadata.name,
      labels: metadata.labels ?? {},
      settings: restartSettings(metadata.annotations),
    })),
    api.list<Pod, PodRecord | undefined>(
      '/api/v1/pods',
      (pod, arrays) => {
        const record = recordOf(pod, arrays, sidecars);
        if (record && !hasTemplate(record.origin)) {
          wholePods.set(record.uid, withArrays(pod, arrays));
        }
        return record;
      },
      PODS,
    ),
  ]);
  // A plan does not depend on the order of a list.
  const pods = listed.flatMap((pod) => pod ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
  const direct = kindsOf(pods.map(({ origin }) => origin.controller));
  const [replicaSets, jobs, directWorkloads] = await Promise.all([
    listMetadata(api, '/apis/apps/v1/replicasets', (set) => ofReplicaSet(set, sidecars)),
    direct.has('Job') ? listMetadata(api, '/apis/batch/v1/jobs', (job) => job) : [],
    listRollable(api, direct),
  ]);
  const above = [...kindsOf(replicaSets.map(controllerOf))].filter((kind) => !direct.has(kind));
  const workloads = new Map([...directWorkloads, ...(await listRollable(api, new Set(above)))]);
  return {
    namespaces: new Map(namespaces.map((namespace) => [namespace.name, namespace])),
    workloads: await groupByWorkload(api, pods, new Owners({ replicaSets, jobs, workloads }), wholePods),
  };
}

function kindsOf(controllers: readonly (OwnerReference | undefined)[]): Set<string> {
  return new Set(controllers.flatMap((controller) => (controller ? ownerKind(controller) : [])));
}

function listMetadata(
  api: KubernetesApi,
  path: string,
  keep: (metadata: ObjectMeta) => ObjectMeta,
): Promise<ObjectMeta[]> {
  return api.list<{ metadata: ObjectMeta }, ObjectMeta>(path, ({ metadata }) => keep(metadata), { metadataOnly: true });
}

/** Of an owner's many ReplicaSets, what they are told apart by; all of one that is a workload itself. */
function ofReplicaSet(metadata: ObjectMeta, pool: SidecarPool): ObjectMeta {
  const controller = controllerOf(metadata);
  const fields = controller && rollableOwner(ownerKind(controller))?.replicaSets;
  if (!fields) {
    return metadata;
  }
  const { name, namespace = '', uid, labels, annotations } = metadata;
  const { apiVersion, kind, name: owner, uid: ownerUid } = controller;
  return {
    name,
    namespace: pool.value(namespace),
    uid,
    ownerReferences: pool.value([controller], `controller ${JSON.stringify([apiVersion, kind, owner, ownerUid])}`),
    labels: only(fields.hashLabel, labels),
    annotations: only(fields.revisionAnnotation, annotations),
  };
}

function only(name: string, entries: StringMap = {}): StringMap {
  const value = entries[name];
  return value === undefined ? {} : { [name]: value };
}

/**
 * The workloads of these kinds, by kind, less those that the API server does not serve. A kind that owns nothing is not
 * asked for: its CustomResourceDefinition may not be there, nor the right to list it.
 */
async function listRollable(
  api: KubernetesApi,
  kinds: ReadonlySet<string>,
): Promise<readonly (readonly [string, readonly WorkloadObject[]])[]> {
  const lists = ROLLABLE_OWNERS.filter(({ kind }) => kinds.has(kind)).map(async ({ apiVersion, resource, kind }) => {
    try {
      const path = apiPath({ apiVersion, resource });
      return [[kind, await api.list<WorkloadObject, WorkloadObject>(path, withoutLastApplied)] as const];
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 404) {
        return [];
      }
      throw error;
    }
  });
  return (await Promise.all(lists)).flat();
}

/** Without the copy of the whole object that `kubectl apply` keeps in an annotation. */
function withoutLastApplied(object: WorkloadObject): WorkloadObject {
  const annotations = Object.entries(object.metadata.annotations ?? {}).filter(([name]) => name !== LAST_APPLIED);
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(annotations) } };
}

async function groupByWorkload(
  api: KubernetesApi,
  pods: readonly PodRecord[],
  owners: Owners,
  wholePods: ReadonlyMap<string, Pod>,
): Promise<readonly Workload[]> {
  const owned = pods.map((pod) => ({ pod, owner: owners.ownerOf(pod) }));
  const workloads: Workload[] = [];
  for (const [id, members] of groupBy(owned, ({ pod, owner }) => groupOf(pod, owner))) {
    const [{ pod: first, owner }] = members as [(typeof members)[0]];
    const all = members.map(({ pod }) => pod);
    switch (owner.type) {
      case 'gone':
        break;
      case 'rollable': {
        // What is being deleted replaces no pods any more, though they may take their time to go.
        const workload = owner.object.metadata.deletionTimestamp
          ? undefined
          : await rollable(api, first, all, owner, owners);
        workloads.push(...(workload ? [workload] : []));
        break;
      }
      case 'unrollable':
        workloads.push(...(await unrollable(api, id, all, owner, wholePods)));
        break;
      default:
        workloads.push(...(await single(api, first, owner, wholePods)));
    }
  }
  return workloads.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The same for pods of one workload; it never rests on a uid that a tenant wrote alone. */
function groupOf(pod: PodRecord, owner: PodOwner): string {
  switch (owner.type) {
    case 'rollable':
      return owner.object.metadata.uid;
    case 'unrollable': {
      const { name, uid } = owner.reference;
      return JSON.stringify([pod.origin.namespace, ownerKind(owner.reference), name, uid]);
    }
    case 'gone':
      return '';
    default:
      return pod.uid;
  }
}

async function rollable(
  api: KubernetesApi,
  first: PodRecord,
  pods: readonly PodRecord[],
  { owner, object }: Extract<PodOwner, { type: 'rollable' }>,
  owners: Owners,
): Promise<Workload | undefined> {
  const template = await rollableTemplate(api, object, first);
  const { name, uid, labels = {}, annotations } = object.metadata;
  return (
    template && {
      type: 'rollable',
      id: uid,
      namespace: first.origin.namespace,
      kind: owner.kind,
      name,
      reference: { apiVersion: owner.apiVersion, kind: owner.kind, uid },
      labels,
      pods,
      settings: restartSettings(annotations),
      ...template,
      owner,
      object,
      replicaSets: owners.replicaSetsOf(object),
    }
  );
}

/** The workload of these pods, and one for each of them that turns out not to belong to their owner. */
async function unrollable(
  api: KubernetesApi,
  id: string,
  members: readonly PodRecord[],
  { reference, metadata }: Extract<PodOwner, { type: 'unrollable' }>,
  wholePods: ReadonlyMap<string, Pod>,
): Promise<readonly Workload[]> {
  const [first] = members as [PodRecord];
  const { namespace } = first.origin;
  const kind = ownerKind(reference);
  const holder = await readHolder(api, namespace, reference);
  const isRead = own(TEMPLATE_HOLDERS, kind) !== undefined;
  if (metadata && !holder) {
    // Deleted since it was listed, and its pods with it.
    return [];
  }
  const isOwned = ({ labels }: PodRecord) =>
    !isRead || (holder?.metadata.uid === reference.uid && selects(kind, holder, labels));
  const [pods, others] = [members.filter(isOwned), members.filter((pod) => !isOwned(pod))];
  const disowned = await Promise.all(others.map((pod) => single(api, pod, { type: 'disowned', reference }, wholePods)));
  const [leader] = pods;
  const template = leader && ((holder && templateOf(holder)) ?? (await podTemplate(api, leader, wholePods)));
  if (!template) {
    return disowned.flat();
  }
  const described = metadata ?? holder?.metadata;
  const { labels, origin } = leader;
  const owner = unrollableOwner(reference, namespace, metadata && controllerOf(metadata));
  return [
    ...disowned.flat(),
    {
      type: 'unrollable',
      id,
      namespace,
      kind: owner.kind,
      name: owner.name,
      reference: { apiVersion: reference.apiVersion, kind: reference.kind, uid: reference.uid },
      // An owner that is not read has no labels and annotations that are known, but its pods have.
      labels: described ? (described.labels ?? {}) : labels,
      pods,
      settings: described ? restartSettings(described.annotations) : origin.settings,
      owner,
      ...template,
      identity: {
        generateName: `${reference.name}-`,
        labels,
        owner: { ...reference },
        volumes: [],
      },
    },
  ];
}

/** A pod that is a workload of its own: it has no controller, or none that is known to own it. */
async function single(
  api: KubernetesApi,
  pod: PodRecord,
  owner: Extract<PodOwner, { type: 'none' | 'disowned' }>,
  wholePods: ReadonlyMap<string, Pod>,
): Promise<readonly Workload[]> {
  const template = await podTemplate(api, pod, wholePods);
  const { name, uid, labels, origin } = pod;
  const { namespace, settings, controller, isMirror } = origin;
  return template
    ? [
        {
          type: 'unrollable',
          id: uid,
          namespace,
          kind: 'Pod',
          name,
          reference: { apiVersion: 'v1', kind: 'Pod', uid },
          labels,
          pods: [pod],
          settings,
          owner:
            owner.type === 'disowned'
              ? { reason: 'UnknownController', namespace, kind: 'Pod', name, claimed: owner.reference }
              : { reason: controller || isMirror ? 'StaticPod' : 'BarePod', namespace, kind: 'Pod', name },
          ...template,
          identity: { generateName: `${name}-`, labels, owner: controller && { ...controller }, volumes: [] },
        },
      ]
    : [];
}

type Template = Pick<Workload, 'template' | 'templateSource'>;

/** Undefined when the pod is gone since it was listed. */
async function rollableTemplate(
  api: KubernetesApi,
  { spec }: WorkloadObject,
  pod: PodRecord,
): Promise<Template | undefined> {
  if (spec.template) {
    return { template: spec.template, templateSource: 'owner' };
  }
  const { apiVersion = '', kind = '', name = '' } = spec.workloadRef ?? {};
  const holder = await readHolder(api, pod.origin.namespace, { apiVersion, kind, name });
  return (holder && templateOf(holder)) ?? (await podTemplate(api, pod, new Map()));
}

function templateOf({ spec: { template } }: WorkloadObject): Template | undefined {
  return template && { template, templateSource: 'owner' };
}

/** Undefined when the pod is gone since it was listed. */
async function podTemplate(
  api: KubernetesApi,
  { uid, name, origin }: PodRecord,
  wholePods: ReadonlyMap<string, Pod>,
): Promise<Template | undefined> {
  const pod =
    wholePods.get(uid) ??
    (await api.find<Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace: origin.namespace, name })));
  return pod && { template: originalTemplate(pod), templateSource: 'pod' };
}

/** The object that has the pods' template; undefined where there is none, or its kind is one that the engine does not read. */
async function readHolder(
  api: KubernetesApi,
  namespace: string,
  { name, ...reference }: Pick<OwnerReference, 'apiVersion' | 'kind' | 'name'>,
): Promise<WorkloadObject | undefined> {
  const kind = own(TEMPLATE_HOLDERS, ownerKind(reference));
  return kind && isObjectName(name) ? api.find<WorkloadObject>(apiPath({ ...kind, namespace, name })) : undefined;
}

/** Where the template can be read of an owner that is not rolled, or that a Rollout refers to. */
const TEMPLATE_HOLDERS: Readonly<Record<string, ApiLocation>> = {
  Deployment: { apiVersion: 'apps/v1', resource: 'deployments' },
  ReplicaSet: { apiVersion: 'apps/v1', resource: 'replicasets' },
  Job: { apiVersion: 'batch/v1', resource: 'jobs' },
  ReplicationController: { apiVersion: 'v1', resource: 'replicationcontrollers' },
};

function unrollableOwner(
  reference: OwnerReference,
  namespace: string,
  controller: OwnerReference | undefined,
): UnrollableOwner {
  const kind = ownerKind(reference);
  const { name } = reference;
  switch (kind) {
    case 'Job':
      return { reason: 'JobOwned', namespace, kind, name, controller };
    case 'ReplicaSet':
      return { reason: controller ? 'UnknownController' : 'BareReplicaSet', namespace, kind, name, controller };
    case 'ReplicationController':
      return { reason: 'ReplicationController', namespace, kind, name };
    default:
      return { reason: 'UnknownController', namespace, kind, name };
  }
}

/** Undefined for a pod that has ended or is about to: nothing in it can be out of date. */
function recordOf(pod: Pod, arrays: ArrayTexts, sidecars: SidecarPool): PodRecord | undefined {
  const { metadata, status } = pod;
  if (metadata.deletionTimestamp || status?.phase === 'Succeeded' || status?.phase === 'Failed') {
    return undefined;
  }
  const { namespace = '' } = metadata;
  const controller = controllerOf(metadata);
  const isMirror = metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  const settings = restartSettings(metadata.annotations);
  return {
    name: metadata.name,
    uid: metadata.uid,
    createdAt: metadata.creationTimestamp && sidecars.value(metadata.creationTimestamp),
    labels: sidecars.value(metadata.labels ?? {}),
    sidecar: sidecars.ofListed(pod, arrays),
    hasCustomImage: metadata.annotations?.[CUSTOM_IMAGE_ANNOTATION] !== undefined,
    ...(hasMalformedRecord(metadata.annotations) ? { hasMalformedRecord: true } : {}),
    origin: sidecars.value(
      { namespace, controller, isMirror, settings },
      `origin ${JSON.stringify([namespace, controller, isMirror, settings])}`,
    ),
  };
}

/** Whether the engine reads the template of such a pod from its owner. */
function hasTemplate({ controller }: PodOrigin): boolean {
  const kind = controller && ownerKind(controller);
  return kind !== undefined && (own(TEMPLATE_HOLDERS, kind) !== undefined || rollableOwner(kind) !== undefined);
}
