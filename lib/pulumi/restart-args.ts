import type { InjectorWait } from '../engine/run/await-injector';

/** How workloads are restarted: the engine's options that apply to a Pulumi program. */
export interface RestartArgs {
  /**
   * Only workloads in these namespaces are restarted.
   *
   * @default - all
   */
  readonly namespaces?: readonly string[];
  /**
   * Whether to update the image and resources of native sidecars in running pods that cannot be restarted, such as the
   * pods of a Job. A new image interrupts the traffic of its pod briefly.
   *
   * @default false
   */
  readonly inPlace?: boolean;
  /**
   * Whether to defer workloads if a restart or update in place interrupts their traffic. They stay `deferred` until an
   * update without this option. `pulumi destroy` restarts them anyway.
   *
   * @default false - they are restarted too
   */
  readonly onlySeamless?: boolean;
  /**
   * The maximum number of concurrent rollouts.
   *
   * @default 10
   */
  readonly maxConcurrent?: number;
  /**
   * The maximum number of concurrent rollouts in one namespace; 1 restarts its workloads one by one.
   *
   * @default - only `maxConcurrent` limits them
   */
  readonly maxConcurrentPerNamespace?: number;
  /**
   * What to do after a failed rollout: `stop` starts no further rollouts, and `continue` starts the others.
   *
   * @default 'stop'
   */
  readonly onFailure?: 'stop' | 'continue';
  /**
   * The time limit of one rollout, in seconds.
   *
   * @default 600
   */
  readonly timeoutSeconds?: number;
  /**
   * Seconds without progress after which a rollout fails, if its pods or its controller show a reason, such as a crash loop.
   *
   * @default 120
   */
  readonly stuckSeconds?: number;
  /**
   * The time limit of all rollouts of a run together, in seconds.
   *
   * @default - no limit
   */
  readonly deadlineSeconds?: number;
  /**
   * Whether to record Events on the workloads.
   *
   * @default true
   */
  readonly events?: boolean;
  /**
   * Whether to evict, one by one, the pods of ReplicaSets and ReplicationControllers that no controller manages.
   * PodDisruptionBudgets are respected.
   *
   * @default false - they get a warning
   */
  readonly evict?: boolean;
  /**
   * How to verify, before planning, that the injector uses its current configuration.
   *
   * @default - 300 s at most, 3 probes in a row, 5 s after the last change
   */
  readonly injector?: InjectorWait;
}
