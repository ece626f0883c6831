import type { ObjectMeta, OwnerReference, PodTemplate, StringMap } from '../cluster/objects';
import type {
  OwnedPod,
  PodHolder,
  PodIdentity,
  RollableKind,
  UnrollableKind,
  UnrollableOwner,
} from '../kinds/workload-kind';
import type { CheckedWorkload } from './checked-workload';
import type { PodsAlike } from './pods-alike';
import type { RestartSettings } from './restart-annotations';
import type { Sidecar } from '../injector/sidecar';

/** A running pod, reduced to the data for planning. */
export interface PodRecord extends OwnedPod {
  readonly uid: string;
  readonly sidecar: Sidecar | undefined;
  /** Whether it has the injector's record of injection. */
  readonly isInjected: boolean;
  readonly hasCustomImage: boolean;
  /** Set if its record of injection is malformed, so that its sidecar cannot be identified. */
  readonly hasMalformedRecord?: true;
  readonly origin: PodOrigin;
}

/** The common data of the pods of a controller, stored once. */
export interface PodOrigin {
  readonly namespace: string;
  readonly controller: OwnerReference | undefined;
  readonly isMirror: boolean;
  /** The settings in the pods' own annotations. */
  readonly settings: RestartSettings;
}

interface WorkloadBase {
  /** Unique within the snapshot, whatever owner references contain; the uid of its object if that is read. */
  readonly id: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** The reference to the object, as in an Event. */
  readonly reference: { readonly apiVersion: string; readonly kind: string; readonly uid: string };
  /** Its own labels; those of its pods if the object is not read. */
  readonly labels: StringMap;
  /** Its running pods; never empty, because a workload without pods cannot be out of date. */
  readonly pods: readonly PodRecord[];
  /** The settings in its own annotations. */
  readonly settings: RestartSettings;
  /** The template of its pods before injection. */
  readonly template: PodTemplate;
  /** Whether the template is that of the owner, or was derived from an injected pod. */
  readonly templateSource: 'owner' | 'pod';
}

/** Pods of an owner that replaces them after a change of its template. */
export interface RollableWorkload extends WorkloadBase {
  readonly type: 'rollable';
  readonly owner: RollableKind;
  readonly object: CheckedWorkload;
  readonly replicaSets: readonly ObjectMeta[];
}

/** Pods of an owner that the engine does not restart with a rollout. */
export interface UnrollableWorkload extends WorkloadBase, Omit<PodHolder, keyof WorkloadBase> {
  readonly type: 'unrollable';
  readonly owner: UnrollableOwner;
  readonly identity: PodIdentity;
  /** Its pods with templates other than `template`, if they are judged separately. */
  readonly variants?: readonly PodsAlike[];
  /** Metadata of its object, if that is read. */
  readonly metadata?: ObjectMeta;
}

export type Workload = RollableWorkload | UnrollableWorkload;

export interface NamespaceRecord {
  readonly name: string;
  readonly labels: StringMap;
  /** Set if it is being deleted, with everything in it. */
  readonly isTerminating?: true;
  /** The settings in its annotations, for all of its workloads. */
  readonly settings: RestartSettings;
}

/** The data of a cluster for planning. */
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
