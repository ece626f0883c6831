import type { JsonObject, WorkloadObject } from '../cluster/objects';
import { shellCommand } from '../cluster/shell-command';
import { deletePods } from './delete-pods';
import type { InterruptionCode } from './interruption-code';
import type { Blocked, OwnedPod, RollableKind, RolloutStatus } from './workload-kind';

/** The annotation that `kubectl rollout restart` sets, which tools for drift already know to leave alone. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** For controllers that replace pods when the template has changed. */
export function restartByTemplate(at: string): JsonObject {
  return { spec: { template: { metadata: { annotations: { [RESTARTED_AT]: at } } } } };
}

/** For kinds that kubectl knows how to restart. */
export function kubectlRestart({ kind }: Pick<RollableKind, 'kind'>, namespace: string, name: string): string {
  return shellCommand('kubectl', '-n', namespace, 'rollout', 'restart', `${kind.toLowerCase()}/${name}`);
}

/** Whether the controller has observed the current generation. Until then, the status describes an older one. */
export function isObserved(workload: WorkloadObject): boolean {
  return Number(workload.status?.observedGeneration ?? 0) >= (workload.metadata.generation ?? 0);
}

/** Whether no pod may be made beyond those that are wanted. */
export function isNone(maxSurge: number | string | undefined): boolean {
  return maxSurge === 0 || maxSurge === '0' || maxSurge === '0%';
}

/**
 * How many pods `maxUnavailable` or `maxSurge` means.
 *
 * @param whole what a percentage is of
 */
export function podCount(given: number | string | undefined, whole: number, round: (count: number) => number): number {
  if (typeof given !== 'string') {
    return given ?? 0;
  }
  const percent = /^(\d+)%$/.exec(given)?.[1];
  return percent === undefined ? 0 : round((Number(percent) * whole) / 100);
}

/** Why pods are stopped before others serve, where so many may be missing at once. */
export function stopsSoMany(unavailable: number, replicas: number): InterruptionCode | undefined {
  if (unavailable < replicas) {
    return undefined;
  }
  return replicas > 1 ? 'AllUnavailable' : 'SingleReplica';
}

/** The status of a workload that is not observed yet. */
export const UNOBSERVED: RolloutStatus = {
  state: 'progressing',
  message: 'its controller has not seen the change yet',
};

/** The update strategy of StatefulSets and DaemonSets that replaces pods only after somebody deletes them. */
export function blockedByOnDelete(workload: WorkloadObject, outdated: readonly OwnedPod[]): Blocked | undefined {
  return workload.spec.updateStrategy?.type === 'OnDelete'
    ? {
        reason: 'OnDelete',
        sentence: 'its update strategy OnDelete leaves the replacing of pods to its user',
        remedy: deletePods(workload.metadata.namespace ?? '', outdated),
      }
    : undefined;
}
