import type { KubernetesApi, ListOptions } from '../cluster/api';
import type { ArrayTexts } from '../cluster/list-items';
import type { Namespace, ObjectMeta, OwnerReference, Pod, StringMap, WorkloadObject } from '../cluster/objects';
import { originalTemplate } from './original-template';
import { ownerKind } from '../kinds/owner-kind';
import { ROLLABLE_OWNERS, rollableOwner } from '../kinds/rollable-owners';
import type { UnrollableOwner } from '../kinds/unrollable-owner';
import { restartSettings } from './restart-annotations';
import { CUSTOM_IMAGE_ANNOTATION } from '../injector/sidecar';
import { POD_ARRAYS, SidecarPool, withArrays } from './sidecar-pool';
import { keyOf, type NamespaceRecord, type PodOrigin, type PodRecord, type Snapshot, type Workload } from './snapshot';

interface OwnerIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

const METADATA_KINDS = ['ReplicaSet', 'Job'];
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
  const [replicaSets, jobs, directOwners] = await Promise.all([
    listMetadata(api, '/apis/apps/v1/replicasets', (set) => ofReplicaSet(set, sidecars)),
    direct.has('Job') ? listMetadata(api, '/apis/batch/v1/jobs', (job) => job) : [],
    listRollable(api, direct),
  ]);
  const above = [...kindsOf(replicaSets.map(controllerOf))].filter((kind) => !direct.has(kind));
  const objects = new Map(
    [...directOwners, ...(await listRollable(api, new Set(above)))].map((object) => [object.metadata.uid, object]),
  );
  const owners = new Map([...replicaSets, ...jobs].map((metadata) => [metadata.uid, metadata]));
  return {
    namespaces: new Map(namespaces.map((namespace) => [namespace.name, namespace])),
    workloads: await groupByWorkload(api, pods, { owners, replicaSets, objects, wholePods }),
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
  const { name, uid, labels, annotations } = metadata;
  return {
    name,
    uid,
    ownerReferences: pool.value([controller], `controller ${controller.uid}`),
    labels: only(fields.hashLabel, labels),
    annotations: only(fields.revisionAnnotation, annotations),
  };
}

function only(name: string, entries: StringMap = {}): StringMap {
  const value = entries[name];
  return value === undefined ? {} : { [name]: value };
}

/** A kind that owns nothing is not asked for: its CustomResourceDefinition may not be there, nor the right to list it. */
async function listRollable(api: KubernetesApi, kinds: ReadonlySet<string>): Promise<readonly WorkloadObject[]> {
  const lists = ROLLABLE_OWNERS.filter(({ kind }) => kinds.has(kind)).map(({ apiVersion, resource }) =>
    api.list<WorkloadObject, WorkloadObject>(`/apis/${apiVersion}/${resource}`, withoutLastApplied),
  );
  return (await Promise.all(lists)).flat();
}

/** Without the copy of the whole object that `kubectl apply` keeps in an annotation. */
function withoutLastApplied(object: WorkloadObject): WorkloadObject {
  const annotations = Object.entries(object.metadata.annotations ?? {}).filter(([name]) => name !== LAST_APPLIED);
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(annotations) } };
}

interface Owners {
  /** ReplicaSets and Jobs, by uid. */
  readonly owners: ReadonlyMap<string, ObjectMeta>;
  readonly replicaSets: readonly ObjectMeta[];
  readonly objects: ReadonlyMap<string, WorkloadObject>;
  /** Pods whose owner has no template that the engine reads, by uid. */
  readonly wholePods: ReadonlyMap<string, Pod>;
}

async function groupByWorkload(
  api: KubernetesApi,
  pods: readonly PodRecord[],
  known: Owners,
): Promise<readonly Workload[]> {
  const setsByController = groupBy(known.replicaSets, (set) => controllerOf(set)?.uid ?? '');
  const groups = groupBy(pods, (pod) => topOwner(pod, known).uid);
  const workloads: Workload[] = [];
  for (const [uid, members] of groups) {
    const [first] = members;
    if (!first) {
      continue;
    }
    const object = known.objects.get(uid);
    const top = topOwner(first, known);
    const owner = rollableOwner(top.kind);
    if (object && owner) {
      // What is being deleted replaces no pods any more, though they may take their time to go.
      if (object.metadata.deletionTimestamp) {
        continue;
      }
      const template = await rollableTemplate(api, object, first);
      if (!template) {
        continue;
      }
      workloads.push({
        type: 'rollable',
        namespace: first.origin.namespace,
        kind: owner.kind,
        name: object.metadata.name,
        reference: { apiVersion: owner.apiVersion, kind: owner.kind, uid },
        labels: object.metadata.labels ?? {},
        pods: members,
        settings: restartSettings(object.metadata.annotations),
        ...template,
        owner,
        object,
        replicaSets: setsByController.get(uid) ?? [],
      });
    } else if (!owner && !(METADATA_KINDS.includes(top.kind) && !known.owners.has(uid))) {
      workloads.push(...(await unrollable(api, first, members, top, known)));
    }
    // Else the owner is gone since its pods were listed, and they go with it.
  }
  return workloads.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

async function unrollable(
  api: KubernetesApi,
  first: PodRecord,
  members: readonly PodRecord[],
  top: OwnerIdentity,
  known: Owners,
): Promise<readonly Workload[]> {
  const read = await readTemplate(api, first, known.wholePods.get(first.uid));
  if (!read) {
    return [];
  }
  const { holder, ...template } = read;
  const { labels, origin } = first;
  const { namespace, controller } = origin;
  const metadata = known.owners.get(top.uid);
  const owner = unrollableOwner(first, top, metadata && controllerOf(metadata));
  const described = metadata ?? holder;
  return [
    {
      type: 'unrollable',
      namespace,
      kind: owner.kind,
      name: owner.name,
      reference:
        owner.kind === 'Pod'
          ? { apiVersion: 'v1', kind: 'Pod', uid: first.uid }
          : { apiVersion: top.apiVersion, kind: top.kind.replace(/\..*/, ''), uid: top.uid },
      // An owner that is not read has no labels and annotations that are known, but its pods have.
      labels: described ? (described.labels ?? {}) : labels,
      pods: members,
      settings: described ? restartSettings(described.annotations) : origin.settings,
      owner,
      ...template,
      identity: {
        generateName: `${top.name}-`,
        labels,
        owner: controller && { ...controller },
        volumes: [],
      },
    },
  ];
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
  const origin = { ...pod.origin, controller: { apiVersion, kind, name, uid: '' } };
  const read = await readTemplate(api, { ...pod, origin });
  return read && { template: read.template, templateSource: read.templateSource };
}

/** Undefined when the pod is gone since it was listed; with the metadata of what holds the template. */
async function readTemplate(
  api: KubernetesApi,
  pod: PodRecord,
  whole?: Pod,
): Promise<(Template & { readonly holder?: ObjectMeta }) | undefined> {
  if (whole) {
    return { template: originalTemplate(whole), templateSource: 'pod' };
  }
  const { namespace, controller } = pod.origin;
  const path = controller && TEMPLATE_PATHS[ownerKind(controller)];
  const holder = path
    ? await api.find<WorkloadObject>(path.replace('NAMESPACE', namespace).replace('NAME', controller.name))
    : undefined;
  if (holder?.spec.template) {
    return { template: holder.spec.template, templateSource: 'owner', holder: holder.metadata };
  }
  const present = await api.find<Pod>(`/api/v1/namespaces/${namespace}/pods/${pod.name}`);
  return present && { template: originalTemplate(present), templateSource: 'pod' };
}

/** Where the template can be read of an owner that is not rolled, or that a Rollout refers to. */
const TEMPLATE_PATHS: Readonly<Record<string, string>> = {
  Deployment: '/apis/apps/v1/namespaces/NAMESPACE/deployments/NAME',
  ReplicaSet: '/apis/apps/v1/namespaces/NAMESPACE/replicasets/NAME',
  Job: '/apis/batch/v1/namespaces/NAMESPACE/jobs/NAME',
  ReplicationController: '/api/v1/namespaces/NAMESPACE/replicationcontrollers/NAME',
};

function unrollableOwner(pod: PodRecord, top: OwnerIdentity, controller: OwnerReference | undefined): UnrollableOwner {
  const { namespace, isMirror } = pod.origin;
  const { kind, name } = top;
  if (isMirror || kind === 'Node') {
    return { reason: 'StaticPod', namespace, kind: 'Pod', name: pod.name };
  }
  switch (kind) {
    case 'Pod':
      return { reason: 'BarePod', namespace, kind, name };
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

/** What the pod's fate depends on: its controller, or the controller of its ReplicaSet, or itself. */
function topOwner({ name, uid, origin: { controller, isMirror } }: PodRecord, known: Owners): OwnerIdentity {
  if (!controller || isMirror || ownerKind(controller) === 'Node') {
    return { apiVersion: 'v1', kind: 'Pod', name, uid };
  }
  const owner = known.owners.get(controller.uid);
  const above = controller.kind === 'ReplicaSet' && owner ? controllerOf(owner) : undefined;
  const top = above && rollableOwner(ownerKind(above)) ? above : controller;
  return { apiVersion: top.apiVersion, kind: ownerKind(top), name: top.name, uid: top.uid };
}

function controllerOf(metadata: ObjectMeta): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller);
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) {
      group.push(item);
    } else {
      groups.set(name, [item]);
    }
  }
  return groups;
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
    origin: sidecars.value(
      { namespace, controller, isMirror, settings },
      `origin ${JSON.stringify([namespace, controller?.uid, isMirror, settings])}`,
    ),
  };
}

/** Whether the engine reads the template of such a pod from its owner. */
function hasTemplate({ controller }: PodOrigin): boolean {
  const kind = controller && ownerKind(controller);
  return kind !== undefined && (kind in TEMPLATE_PATHS || rollableOwner(kind) !== undefined);
}
