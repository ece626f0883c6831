import { shellCommand } from '../cluster/shell-command';
import type { JsonObject, ObjectMeta, StringMap, WorkloadObject } from '../cluster/objects';
import type { WarningReason } from './warning-reason';

/** How far a rollout is; `message` says what is missing, in the owner's own numbers. */
export type RolloutStatus =
  | { readonly state: 'complete' }
  | { readonly state: 'progressing'; readonly message: string }
  | { readonly state: 'failed'; readonly message: string };

/** Why an owner that could be rolled must not be, and the command for its user. */
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

/** All that the engine knows of one kind of workload whose pods its controller replaces one by one when it is told to. */
export interface RollableOwner {
  readonly kind: string;
  readonly apiVersion: string;
  /** The resource name in URLs and in kubectl. */
  readonly resource: string;
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
  identity(workload: WorkloadObject, replicaSets: readonly ObjectMeta[]): PodIdentity;
  /**
   * The merge patch that tells the controller to replace the pods.
   *
   * @param at when, as an RFC 3339 time; the same patch sent again changes nothing
   */
  restart(at: string): JsonObject;
}

/** The annotation that `kubectl rollout restart` sets, which tools for drift already know to leave alone. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** For controllers that replace pods when the template has changed. */
export function restartByTemplate(at: string): JsonObject {
  return { spec: { template: { metadata: { annotations: { [RESTARTED_AT]: at } } } } };
}

export function deletePods(namespace: string, pods: readonly OwnedPod[]): string {
  return shellCommand('kubectl', '-n', namespace, 'delete', 'pod', ...pods.map(({ name }) => name));
}

/** Whether the controller has seen the workload as it is now; before that, its status tells of an older one. */
export function isObserved(workload: WorkloadObject): boolean {
  return Number(workload.status?.observedGeneration ?? 0) >= (workload.metadata.generation ?? 0);
}

/** The status of a workload that is not observed yet. */
export const UNOBSERVED: RolloutStatus = {
  state: 'progressing',
  message: 'its controller has not seen the change yet',
};

/** The update strategy of StatefulSets and DaemonSets that replaces no pod by itself. */
export function blockedByOnDelete(workload: WorkloadObject, outdated: readonly OwnedPod[]): Blocked | undefined {
  return workload.spec.updateStrategy?.type === 'OnDelete'
    ? {
        reason: 'OnDelete',
        sentence: 'its update strategy OnDelete leaves the replacing of pods to its user',
        remedy: deletePods(workload.metadata.namespace ?? '', outdated),
      }
    : undefined;
}
