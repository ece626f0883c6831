import type { InjectorWait } from '../engine/run/await-injector';

/** How workloads are restarted; the engine's own options, as far as they make sense in a program. */
export interface RestartArgs {
  /**
   * The only namespaces whose workloads are restarted.
   *
   * @default - all
   */
  readonly namespaces?: readonly string[];
  /**
   * How many rollouts are under way at once.
   *
   * @default 10
   */
  readonly maxConcurrent?: number;
  /**
   * How many rollouts are under way at once in one namespace; 1 rolls its workloads one after the other.
   *
   * @default - no limit but `maxConcurrent`
   */
  readonly maxConcurrentPerNamespace?: number;
  /**
   * After a failed rollout: start no further one, or go on with the rest.
   *
   * @default 'stop'
   */
  readonly onFailure?: 'stop' | 'continue';
  /**
   * Seconds that one workload's rollout may take.
   *
   * @default 600
   */
  readonly timeoutSeconds?: number;
  /**
   * Seconds that a rollout may stand still for a reason that its pods tell, such as a crash loop, before it has failed.
   *
   * @default 120
   */
  readonly stuckSeconds?: number;
  /**
   * Seconds that all rollouts of a run may take together.
   *
   * @default - no limit
   */
  readonly deadlineSeconds?: number;
  /**
   * Whether Events on the workloads say what was done with them.
   *
   * @default true
   */
  readonly events?: boolean;
  /**
   * How long, and how thoroughly, to make sure that the injector knows its configuration.
   *
   * @default - 300 s at most, 3 probes in a row, 5 s after the last change
   */
  readonly injector?: InjectorWait;
}
