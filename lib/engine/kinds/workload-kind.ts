import type { FieldType } from '../cluster/field-type';
import type {
  JsonObject,
  LabelSelector,
  ObjectMeta,
  OwnerReference,
  StringMap,
  WorkloadObject,
} from '../cluster/objects';
import type { InterruptionCode } from './interruption-code';
import type { WarningReason } from './warning-reason';

/** The progress of a rollout. `message` contains what is missing, with the numbers from the owner's status. */
export type RolloutStatus =
  | { readonly state: 'complete' }
  | { readonly state: 'progressing'; readonly message: string }
  | { readonly state: 'failed'; readonly message: string };

/** Why the user has to replace outdated pods, and the command to do so. */
export interface Blocked {
  readonly reason: WarningReason;
  readonly sentence: string;
  readonly remedy: string;
}

export interface OwnedPod {
  readonly name: string;
  readonly labels: StringMap;
  /** The creation timestamp from the API server. */
  readonly createdAt?: string;
}

/** The metadata and volumes of a new pod that are not in the template. */
export interface PodIdentity {
  readonly generateName: string;
  readonly labels: StringMap;
  /** The owner reference; undefined for a Pod without a controller. */
  readonly owner:
    { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string } | undefined;
  /** Volumes that the controller adds to each pod's own spec. */
  readonly volumes: readonly { readonly name: string; readonly [source: string]: unknown }[];
}

/** The common properties of kinds that the engine reads. */
interface ReadKind {
  readonly kind: string;
  /** Group and version. Kinds of the same name in other groups are different kinds. */
  readonly apiVersion: string;
  /** The resource name in URLs and in kubectl. */
  readonly resource: string;
  /**
   * How objects are read. `list`: all objects of the kind at once. Kinds other than Pod are only listed if they control
   * a pod in the cluster, directly or through a ReplicaSet. Rollable kinds and Pods are listed completely, other kinds
   * only with their metadata. `get`: single objects.
   */
  readonly reads: readonly ('get' | 'list')[];
  /**
   * The fields of its objects that are read. Only for kinds with a CustomResourceDefinition, because its schema may be
   * incomplete.
   */
  readonly fields?: FieldType;
  /** The possible reasons for warnings. */
  readonly reasons: readonly WarningReason[];
  /** The selector of an owner's pods; undefined if it has none. */
  selectorOf(owner: WorkloadObject): LabelSelector | undefined;
}

/** A kind whose controller replaces its pods after a patch. */
export interface RollableKind extends ReadKind {
  readonly type: 'rollable';
  /**
   * The label and annotation that distinguish the ReplicaSets of a workload; undefined for a kind without ReplicaSets.
   */
  readonly replicaSets?: { readonly hashLabel: string; readonly revisionAnnotation: string };
  status(workload: WorkloadObject): RolloutStatus;
  /** Whether the pod was created from the workload's current template; undefined if that is not known. */
  isNewest(pod: OwnedPod, workload: WorkloadObject, replicaSets: readonly ObjectMeta[]): boolean | undefined;
  /**
   * Whether the pod stays after the current rollout; undefined if that is not known yet.
   *
   * @default - if it is of the current template
   */
  stays?(pod: OwnedPod, workload: WorkloadObject): boolean | undefined;
  /** Whether a restart replaces each pod with one of the same template, even if this is not the current template. */
  readonly keepsTemplates?: true;
  /** What prevents a restart from replacing these outdated pods. */
  blocked(workload: WorkloadObject, outdated: readonly OwnedPod[]): Blocked | undefined;
  /** Whether a restart deletes a pod before it creates another, so that an exhausted quota does not block it. */
  makesRoomFirst(workload: WorkloadObject): boolean;
  /** Why a restart stops pods while too few others can serve; undefined if enough pods continue to serve. */
  stopsFirst(workload: WorkloadObject): InterruptionCode | undefined;
  identity(workload: WorkloadObject, replicaSets: readonly ObjectMeta[]): PodIdentity;
  /**
   * The merge patch that makes the controller replace the pods.
   *
   * @param at the time of the restart, in RFC 3339; sending the same patch again has no effect
   */
  restart(at: string): JsonObject;
  /** The command that does the same by hand. */
  restartCommand(namespace: string, name: string): string;
}

/** The owner of pods that no rollout replaces; for a single pod, the pod itself. */
export interface PodHolder {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /**
   * The holder's own controller, such as a Job's CronJob, the pod that controls a pod, or a ReplicaSet's controller of
   * an unknown kind.
   */
  readonly controller?: Pick<OwnerReference, 'kind' | 'name'>;
  /** The owner in the pod's owner reference, if no such object in the namespace owns the pod. */
  readonly claimed?: Pick<OwnerReference, 'kind' | 'name'>;
  /** Set for a static pod of the kubelet. */
  readonly isStatic?: true;
}

/** The warning about pods that the engine does not replace. */
interface LeftPods {
  readonly reasons: readonly WarningReason[];
  /** Why the holder's pods are not restarted, and the command that restarts them by hand. */
  warning(holder: PodHolder, pods: readonly OwnedPod[]): Blocked;
  /**
   * @param labels the labels of one of its pods
   * @param owner the controller in the owner references of its pods
   */
  identity(name: string, labels: StringMap, owner: OwnerReference | undefined): PodIdentity;
}

/** A kind whose pods no rollout replaces. */
export interface UnrollableKind extends ReadKind, LeftPods {
  readonly type: 'unrollable';
  /**
   * The kind of the holder's controller, if this UnrollableKind is only for holders with such a controller: CronJob for
   * the Jobs of CronJobs. A second UnrollableKind without it is for all other Jobs.
   */
  readonly controlledBy?: string;
  /** Whether the template is in the owner, or only in the pods. */
  readonly template: 'owner' | 'pod';
  /** Whether its pods may be evicted, because the holder itself replaces them; never by default. */
  isEvictable?(holder: PodHolder): boolean;
}

/** A controller of an unknown kind. */
export interface UnknownController extends LeftPods {
  readonly type: 'unknown';
}

/** How to handle pods that no rollout replaces. */
export type UnrollableOwner = UnrollableKind | UnknownController;

/** The properties of a kind of workload. */
export type WorkloadKind = RollableKind | UnrollableKind;
