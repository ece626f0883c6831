import type { ObjectMeta, OwnerReference, PodTemplate, StringMap, WorkloadObject } from '../cluster/objects';
import type {
  OwnedPod,
  PodHolder,
  PodIdentity,
  RollableKind,
  UnrollableKind,
  UnrollableOwner,
} from '../kinds/workload-kind';
import type { PodsAlike } from './pods-alike';
import type { RestartSettings } from './restart-annotations';
import type { Sidecar } from '../injector/sidecar';

/** A running pod, reduced to what planning reads. */
export interface PodRecord extends OwnedPod {
  readonly uid: string;
  readonly sidecar: Sidecar | undefined;
  readonly hasCustomImage: boolean;
  /** Whether its record of injection is malformed, so that its sidecar cannot be identified; omitted if it is not. */
  readonly hasMalformedRecord?: true;
  readonly origin: PodOrigin;
}

/** What a pod has in common with the others of its controller; kept once for all of them. */
export interface PodOrigin {
  readonly namespace: string;
  readonly controller: OwnerReference | undefined;
  readonly isMirror: boolean;
  /** What its own annotations say. */
  readonly settings: RestartSettings;
}

interface WorkloadBase {
  /** Unique within the snapshot, whatever owner references say; the uid of its object where that is read. */
  readonly id: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** The object as Kubernetes knows it. */
  readonly reference: { readonly apiVersion: string; readonly kind: string; readonly uid: string };
  /** Its own labels; its pods' where the object is not read. */
  readonly labels: StringMap;
  /** Its running pods; never empty, since nothing without pods can be out of date. */
  readonly pods: readonly PodRecord[];
  /** What its own annotations say. */
  readonly settings: RestartSettings;
  /** The template of its pods, as the injector will see it. */
  readonly template: PodTemplate;
  /** Whether the template is its user's own, or worked out from a pod that was injected. */
  readonly templateSource: 'owner' | 'pod';
}

/** Pods of an owner that a change of its template rolls. */
export interface RollableWorkload extends WorkloadBase {
  readonly type: 'rollable';
  readonly owner: RollableKind;
  readonly object: WorkloadObject;
  readonly replicaSets: readonly ObjectMeta[];
}

/** Pods of an owner that the engine only warns about. */
export interface UnrollableWorkload extends WorkloadBase, Omit<PodHolder, keyof WorkloadBase> {
  readonly type: 'unrollable';
  readonly owner: UnrollableOwner;
  readonly identity: PodIdentity;
  /** Its pods that were created from another template than `template`, if each is judged separately. */
  readonly variants?: readonly PodsAlike[];
  /** Of its own object, where that is read. */
  readonly metadata?: ObjectMeta;
}

export type Workload = RollableWorkload | UnrollableWorkload;

export interface NamespaceRecord {
  readonly name: string;
  readonly labels: StringMap;
  /** Whether it is being deleted, with all that is in it. */
  readonly isTerminating?: true;
  /** What its annotations say about all of its workloads. */
  readonly settings: RestartSettings;
}

/** The cluster as planning sees it: data only. */
export interface Snapshot {
  readonly namespaces: ReadonlyMap<string, NamespaceRecord>;
  readonly workloads: readonly Workload[];
}

/** The labels of the workload's namespace. */
export function labelsOfNamespace(snapshot: Snapshot, { namespace }: { readonly namespace: string }): StringMap {
  return snapshot.namespaces.get(namespace)?.labels ?? {};
}

/** Identifies a workload within a cluster. */
export function keyOf(workload: { readonly namespace: string; readonly kind: string; readonly name: string }): string {
  return `${workload.namespace}/${workload.kind}/${workload.name}`;
}

/** The workload with its kind, if its pods can be replaced by evicting them. */
export function evictable(workload: Workload): (UnrollableWorkload & { readonly owner: UnrollableKind }) | undefined {
  if (workload.type !== 'unrollable') {
    return undefined;
  }
  const { owner } = workload;
  return owner.type === 'unrollable' && owner.isEvictable?.(workload) ? { ...workload, owner } : undefined;
}
