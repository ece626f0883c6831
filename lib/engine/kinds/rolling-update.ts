import type { JsonObject, WorkloadObject } from '../cluster/objects';
import { shellCommand } from '../cluster/shell-command';
import { deleteOneByOne } from './delete-one-by-one';
import type { InterruptionCode } from './interruption-code';
import type { Blocked, OwnedPod, RollableKind, RolloutStatus } from './workload-kind';

/** The annotation that `kubectl rollout restart` sets, and that tools for drift detection ignore. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** The patch for controllers that replace pods after a change of the template. */
export function restartByTemplate(at: string): JsonObject {
  return { spec: { template: { metadata: { annotations: { [RESTARTED_AT]: at } } } } };
}

/** The command for kinds that kubectl can restart. */
export function kubectlRestart({ kind }: Pick<RollableKind, 'kind'>, namespace: string, name: string): string {
  return shellCommand('kubectl', '-n', namespace, 'rollout', 'restart', `${kind.toLowerCase()}/${name}`);
}

/** Whether the controller has observed the current generation. Otherwise, the status describes an earlier one. */
export function isObserved(workload: WorkloadObject): boolean {
  return Number(workload.status?.observedGeneration ?? 0) >= (workload.metadata.generation ?? 0);
}

/** Whether no additional pods may be created. */
export function isNone(maxSurge: number | string | undefined): boolean {
  return maxSurge === 0 || maxSurge === '0' || maxSurge === '0%';
}

/**
 * The number of pods for `maxUnavailable` or `maxSurge`.
 *
 * @param whole the base of a percentage
 */
export function podCount(given: number | string | undefined, whole: number, round: (count: number) => number): number {
  if (typeof given !== 'string') {
    return given ?? 0;
  }
  const percent = /^(\d+)%$/.exec(given)?.[1];
  return percent === undefined ? 0 : round((Number(percent) * whole) / 100);
}

/** Why pods stop before others can serve, if this number of pods may be unavailable. */
export function stopsSoMany(unavailable: number, replicas: number): InterruptionCode | undefined {
  if (unavailable < replicas) {
    return undefined;
  }
  return replicas > 1 ? 'AllUnavailable' : 'SingleReplica';
}

/** The status of a workload whose current generation is not observed yet. */
export const UNOBSERVED: RolloutStatus = {
  state: 'progressing',
  message: 'its controller has not seen the change yet',
};

/** Whether the update strategy `OnDelete` of a StatefulSet or DaemonSet blocks a restart. */
export function blockedByOnDelete(workload: WorkloadObject, outdated: readonly OwnedPod[]): Blocked | undefined {
  return workload.spec.updateStrategy?.type === 'OnDelete'
    ? {
        reason: 'OnDelete',
        ...deleteOneByOne(
          'its update strategy OnDelete replaces pods only when they are deleted',
          workload.metadata.namespace ?? '',
          outdated,
        ),
      }
    : undefined;
}
