import type { ObjectMeta, OwnerReference, PodTemplate, StringMap, WorkloadObject } from '../cluster/objects';
import type { OwnedPod, PodIdentity, RollableOwner } from '../kinds/rollable-owner';
import type { UnrollableOwner } from '../kinds/unrollable-owner';
import type { RestartSettings } from './restart-annotations';
import type { Sidecar } from '../injector/sidecar';

/** A running pod, reduced to what planning reads. */
export interface PodRecord extends OwnedPod {
  readonly uid: string;
  readonly sidecar: Sidecar | undefined;
  readonly hasCustomImage: boolean;
  /** Whether its record of what was injected is not Istio's, so that its sidecar cannot be told; left out where it is. */
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
  readonly owner: RollableOwner;
  readonly object: WorkloadObject;
  readonly replicaSets: readonly ObjectMeta[];
}

/** Pods of an owner that the engine only warns about. */
export interface UnrollableWorkload extends WorkloadBase {
  readonly type: 'unrollable';
  readonly owner: UnrollableOwner;
  readonly identity: PodIdentity;
}

export type Workload = RollableWorkload | UnrollableWorkload;

export interface NamespaceRecord {
  readonly name: string;
  readonly labels: StringMap;
  /** What its annotations say about all of its workloads. */
  readonly settings: RestartSettings;
}

/** The cluster as planning sees it: data only. */
export interface Snapshot {
  readonly namespaces: ReadonlyMap<string, NamespaceRecord>;
  readonly workloads: readonly Workload[];
}

/** Identifies a workload within a cluster. */
export function keyOf(workload: { readonly namespace: string; readonly kind: string; readonly name: string }): string {
  return `${workload.namespace}/${workload.kind}/${workload.name}`;
}
