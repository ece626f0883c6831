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

/** How far a rollout is; `message` says what is missing, in the owner's own numbers. */
export type RolloutStatus =
  | { readonly state: 'complete' }
  | { readonly state: 'progressing'; readonly message: string }
  | { readonly state: 'failed'; readonly message: string };

/** Why pods that are out of date are left to their user, and the command that replaces them by hand. */
export interface Blocked {
  readonly reason: WarningReason;
  readonly sentence: string;
  readonly remedy: string;
}

export interface OwnedPod {
  readonly name: string;
  readonly labels: StringMap;
  /** As the API server writes it. */
  readonly createdAt?: string;
}

/** What a further pod of the owner would look like to the injector, beyond the template. */
export interface PodIdentity {
  readonly generateName: string;
  readonly labels: StringMap;
  /** Undefined for a Pod without a controller. */
  readonly owner:
    { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string } | undefined;
  /** Volumes that the controller adds to each pod's own spec. */
  readonly volumes: readonly { readonly name: string; readonly [source: string]: unknown }[];
}

/** What the kinds that the engine reads have in common. */
interface ReadKind {
  readonly kind: string;
  /** Another group's objects of this name are another kind. */
  readonly apiVersion: string;
  /** The resource name in URLs and in kubectl. */
  readonly resource: string;
  /**
   * How its objects are read: by a LIST, where some pod names one of them as its controller, or one by one. A rollable kind
   * is listed as a whole, any other with its metadata alone.
   */
  readonly reads: readonly ('get' | 'list')[];
  /** Why pods of its owners may be left to their user. */
  readonly reasons: readonly WarningReason[];
  /** What selects the pods of an owner; undefined where that has no selector. */
  selectorOf(owner: WorkloadObject): LabelSelector | undefined;
}

/** A kind whose controller replaces its pods one by one after a patch. */
export interface RollableKind extends ReadKind {
  readonly type: 'rollable';
  /** What its ReplicaSets are told apart by, where it has some. */
  readonly replicaSets?: { readonly hashLabel: string; readonly revisionAnnotation: string };
  status(workload: WorkloadObject): RolloutStatus;
  /**
   * Whether the pod stays when the rollout under way, if any, is done, as one that was made from the workload's present
   * template; undefined when the cluster does not say yet.
   */
  isNewest(pod: OwnedPod, workload: WorkloadObject, replicaSets: readonly ObjectMeta[]): boolean | undefined;
  /** What keeps these out-of-date pods from being replaced. */
  blocked(workload: WorkloadObject, outdated: readonly OwnedPod[]): Blocked | undefined;
  /** Whether a restart takes a pod away before it makes another, so that a quota that is used up does not hold it. */
  makesRoomFirst(workload: WorkloadObject): boolean;
  /** Why a restart stops pods while too few others can serve; undefined where enough of them go on. */
  stopsFirst(workload: WorkloadObject): InterruptionCode | undefined;
  identity(workload: WorkloadObject, replicaSets: readonly ObjectMeta[]): PodIdentity;
  /**
   * The merge patch that makes the controller replace the pods.
   *
   * @param at when, as an RFC 3339 time; the same patch sent again changes nothing
   */
  restart(at: string): JsonObject;
  /** The command that does the same by hand. */
  restartCommand(namespace: string, name: string): string;
}

/** Who has pods that the engine does not replace. */
export interface PodHolder {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** The holder's own controller: a Job's CronJob, a pod's pod, a ReplicaSet's controller of an unknown kind. */
  readonly controller?: Pick<OwnerReference, 'kind' | 'name'>;
  /** What a pod's owner reference names, though no such object of the namespace owns it. */
  readonly claimed?: Pick<OwnerReference, 'kind' | 'name'>;
  /** Whether it is a pod of the kubelet's own. */
  readonly isStatic?: true;
}

/** The warning about pods that the engine does not replace. */
interface LeftPods {
  readonly reasons: readonly WarningReason[];
  /** Why the holder's pods are not restarted, and the command that restarts them by hand. */
  warning(holder: PodHolder, pods: readonly OwnedPod[]): Blocked;
  /**
   * @param labels those of one of its pods
   * @param owner what its pods name as their controller
   */
  identity(name: string, labels: StringMap, owner: OwnerReference | undefined): PodIdentity;
}

/** A kind whose pods the engine does not replace. */
export interface UnrollableKind extends ReadKind, LeftPods {
  readonly type: 'unrollable';
  /** The kind of the owner's own controller, where the rest of the kind is treated otherwise. */
  readonly controlledBy?: string;
  /** Where the template of its pods is: in the owner, or nowhere but in the pods. */
  readonly template: 'owner' | 'pod';
  /** Whether a pod that is evicted is replaced by the holder, and by nobody above it; for no holder where it is left out. */
  isEvictable?(holder: PodHolder): boolean;
}

/** Controllers of which the engine knows nothing. */
export interface UnknownController extends LeftPods {
  readonly type: 'unknown';
}

/** What is done with pods that no rollout replaces. */
export type UnrollableOwner = UnrollableKind | UnknownController;

/** All that the engine knows of one kind of workload. */
export type WorkloadKind = RollableKind | UnrollableKind;
