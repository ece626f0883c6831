import { apiPath } from '../cluster/api-path';
import type { KubernetesApi, ListOptions } from '../cluster/api';
import type { ArrayTexts } from '../cluster/list-items';
import type { Namespace, ObjectMeta, OwnerReference, Pod, StringMap, WorkloadObject } from '../cluster/objects';
import { hasEnded } from '../cluster/has-ended';
import { unlessNotFound } from '../cluster/unless-not-found';
import { checkedWorkload, type CheckedWorkload } from './checked-workload';
import { groupByWorkload } from './group-by-workload';
import { kindOf, ownerKind, rollableKind, templateKind } from '../kinds/kind-of';
import { replicaSet } from '../kinds/replica-set';
import type { RollableKind, UnrollableKind, WorkloadKind } from '../kinds/workload-kind';
import { controllerOf, Owners, type ListedOwners } from './owners';
import { restartSettings } from './restart-annotations';
import { CUSTOM_IMAGE_ANNOTATION, hasRecord } from '../injector/sidecar';
import { POD_ARRAYS, SidecarPool, withArrays } from './sidecar-pool';
import type { NamespaceRecord, PodOrigin, PodRecord, Snapshot } from './snapshot';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Skips pods that have ended, and the large parts of the status of others. */
const PODS: ListOptions = {
  fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
  omitted: ['status.conditions', 'status.initContainerStatuses', 'status.containerStatuses'],
  asText: POD_ARRAYS,
};

/**
 * Reads the cluster with one LIST per kind. Lists owners after their pods, so that no owner is missed.
 *
 * @param sidecars shares equal values of the pods' sidecars
 * @throws RestartError, ApiFailure
 */
export async function readSnapshot(api: KubernetesApi, sidecars = new SidecarPool()): Promise<Snapshot> {
  const wholePods = new Map<string, Pod>();
  const [namespaces, listed] = await Promise.all([
    api.list<Namespace, NamespaceRecord>('/api/v1/namespaces', ({ metadata, status }) => ({
      name: metadata.name,
      labels: metadata.labels ?? {},
      ...(status?.phase === 'Terminating' ? { isTerminating: true } : {}),
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
  // Sorted, so that a plan does not depend on the order of a list.
  const pods = listed.flatMap((pod) => pod ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
  const owners = new Owners(await listOwners(api, pods, sidecars));
  return {
    namespaces: new Map(namespaces.map((namespace) => [namespace.name, namespace])),
    workloads: await groupByWorkload(api, pods, owners, wholePods),
  };
}

/**
 * The controllers of the pods and of their ReplicaSets. Does not list kinds without pods, because their
 * CustomResourceDefinition or the permission to list them may be missing.
 */
async function listOwners(
  api: KubernetesApi,
  pods: readonly PodRecord[],
  sidecars: SidecarPool,
): Promise<ListedOwners> {
  const direct = kindsOf(pods.map(({ origin }) => origin.controller));
  const keep = (kind: UnrollableKind) => (metadata: ObjectMeta) =>
    kind === replicaSet ? ofReplicaSet(metadata, sidecars) : metadata;
  const [rollable, unrollable] = await Promise.all([
    listEach(direct.filter(isRollable), (kind) => listWhole(api, kind)),
    listEach(direct.filter(isListed), (kind) => listMetadata(api, kind, keep(kind))),
  ]);
  const above = kindsOf((unrollable.get(replicaSet.kind) ?? []).map(controllerOf)).filter(isRollable);
  const further = above.filter((kind) => !direct.includes(kind));
  return { unrollable, rollable: new Map([...rollable, ...(await listEach(further, (kind) => listWhole(api, kind)))]) };
}

function kindsOf(controllers: readonly (OwnerReference | undefined)[]): readonly WorkloadKind[] {
  const names = new Set(controllers.flatMap((controller) => (controller ? ownerKind(controller) : [])));
  return [...names].flatMap((name) => kindOf(name) ?? []);
}

function isRollable(kind: WorkloadKind): kind is RollableKind {
  return kind.type === 'rollable';
}

function isListed(kind: WorkloadKind): kind is UnrollableKind {
  return kind.type === 'unrollable' && kind.template === 'owner' && kind.reads.includes('list');
}

/** The lists by kind, without kinds that the API server does not serve. */
async function listEach<K extends WorkloadKind, T>(
  kinds: readonly K[],
  list: (kind: K) => Promise<readonly T[]>,
): Promise<ReadonlyMap<string, readonly T[]>> {
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const objects = await unlessNotFound(list(kind));
      return objects ? [[kind.kind, objects] as const] : [];
    }),
  );
  return new Map(found.flat());
}

function listWhole(api: KubernetesApi, kind: RollableKind): Promise<readonly CheckedWorkload[]> {
  const { apiVersion, resource } = kind;
  return api.list<WorkloadObject, CheckedWorkload>(apiPath({ apiVersion, resource }), (object) =>
    checkedWorkload(kind, withoutLastApplied(object)),
  );
}

function listMetadata(
  api: KubernetesApi,
  { apiVersion, resource }: UnrollableKind,
  keep: (metadata: ObjectMeta) => ObjectMeta,
): Promise<readonly ObjectMeta[]> {
  return api.list<{ metadata: ObjectMeta }, ObjectMeta>(
    apiPath({ apiVersion, resource }),
    ({ metadata }) => keep(metadata),
    { metadataOnly: true },
  );
}

/** The fields that distinguish an owner's ReplicaSets; all metadata of a ReplicaSet that is a workload itself. */
function ofReplicaSet(metadata: ObjectMeta, pool: SidecarPool): ObjectMeta {
  const controller = controllerOf(metadata);
  const fields = controller && rollableKind(ownerKind(controller))?.replicaSets;
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

/** Removes the copy of the object that `kubectl apply` stores in an annotation. */
function withoutLastApplied(object: WorkloadObject): WorkloadObject {
  const annotations = Object.entries(object.metadata.annotations ?? {}).filter(([name]) => name !== LAST_APPLIED);
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(annotations) } };
}

/** Undefined for a pod that has ended or is terminating, because nothing in it can be out of date. */
function recordOf(pod: Pod, arrays: ArrayTexts, sidecars: SidecarPool): PodRecord | undefined {
  const { metadata } = pod;
  if (hasEnded(pod)) {
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
    isInjected: hasRecord(metadata.annotations),
    hasCustomImage: metadata.annotations?.[CUSTOM_IMAGE_ANNOTATION] !== undefined,
    ...(sidecars.hasMalformedRecord(pod) ? { hasMalformedRecord: true } : {}),
    origin: sidecars.value(
      { namespace, controller, isMirror, settings },
      `origin ${JSON.stringify([namespace, controller, isMirror, settings])}`,
    ),
  };
}

/** Whether the engine reads the template of the pod from its owner. */
function hasTemplate({ controller }: PodOrigin): boolean {
  return controller !== undefined && templateKind(ownerKind(controller)) !== undefined;
}
