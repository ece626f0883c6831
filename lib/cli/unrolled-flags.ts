import type { Command } from '../bundled-libraries/commander';
import type { RestartOptions } from '../engine/run/restart-options';

/** The parsed flags of {@link addUnrolledFlags}. */
export interface UnrolledFlags {
  readonly inPlace?: boolean;
  readonly evict?: boolean;
}

/** Adds the flags for pods that no rollout replaces. */
export function addUnrolledFlags(command: Command): Command {
  return command
    .option(
      '--in-place',
      'update the image and resources of native sidecars in running pods that cannot be restarted, such as the pods of a Job; a new image briefly interrupts the traffic of its pod',
    )
    .option(
      '--evict',
      'evict pods of bare ReplicaSets and ReplicationControllers one by one, within their PodDisruptionBudgets (default: leave them to you)',
    );
}

/** The options for the flags. */
export function unrolledOptions({ inPlace, evict }: UnrolledFlags): Pick<RestartOptions, 'inPlace' | 'evict'> {
  return { ...(inPlace ? { inPlace } : {}), ...(evict ? { evict } : {}) };
}
