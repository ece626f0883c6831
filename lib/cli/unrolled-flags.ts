import type { Command } from 'commander';
import type { RestartOptions } from '../engine/run/restart-options';

/** What commander makes of {@link addUnrolledFlags}. */
export interface UnrolledFlags {
  readonly inPlace?: boolean;
  readonly evict?: boolean;
}

/** The flags that say what is done with pods that no rollout replaces. */
export function addUnrolledFlags(command: Command): Command {
  return command
    .option(
      '--in-place',
      'what cannot be restarted, such as the pods of a Job, and has a native sidecar: update its image and its resources in the running pods; a new image interrupts their traffic for a moment',
    )
    .option(
      '--evict',
      'evict pods of bare ReplicaSets and ReplicationControllers, one after the other, as PodDisruptionBudgets allow (default: they are left to you)',
    );
}

/** The options that the flags mean. */
export function unrolledOptions({ inPlace, evict }: UnrolledFlags): Pick<RestartOptions, 'inPlace' | 'evict'> {
  return { ...(inPlace ? { inPlace } : {}), ...(evict ? { evict } : {}) };
}
