import type { Difference } from '../injector/differences';
import type { MutualTlsTransition } from '../plan/mutual-tls/transition';
import type { IgnoredAnnotation, RestartMethod, WorkloadPlan } from '../plan/plan';

/** What a successful run has done and left. Plain data that can be written as JSON. */
export interface RestartReport {
  /** Increases with incompatible changes of the format. */
  readonly schemaVersion: 1;
  /** Workloads that this run restarted, in the order of the plan. Their rollouts are complete. */
  readonly restarted: readonly RestartedWorkload[];
  /** Workloads that this run updated in place. Remaining differences are among the warnings. */
  readonly updated: readonly UpdatedWorkload[];
  /** Workloads whose rollouts others had started, and that the run waited for. */
  readonly waited: readonly WorkloadName[];
  /** Outdated workloads that their users have to update. */
  readonly warnings: readonly WorkloadPlan[];
  /** Workloads that were skipped on purpose. */
  readonly skipped: readonly WorkloadPlan[];
  /** Outdated workloads that are left to a later run, with the reasons. */
  readonly deferred: readonly WorkloadPlan[];
  /**
   * Workloads for which the run could not determine whether they are out of date, or whether a restart would bring them
   * up to date.
   */
  readonly undetermined: readonly WorkloadPlan[];
  /** Annotations with invalid values, which were ignored. */
  readonly ignoredAnnotations: readonly IgnoredAnnotation[];
  /** Namespaces whose workloads enter or leave a mesh with STRICT mutual TLS, and their state. */
  readonly transitions: readonly MutualTlsTransition[];
  readonly counts: {
    readonly restarted: number;
    readonly updated: number;
    readonly waited: number;
    readonly current: number;
    readonly warned: number;
    readonly skipped: number;
    readonly deferred: number;
    readonly undetermined: number;
  };
  /** The number of rounds of planning and restarting; 0 if there was nothing to restart, update or wait for. */
  readonly rounds: number;
}

export interface WorkloadName {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

export interface RestartedWorkload extends WorkloadName {
  /** Why, in one sentence. */
  readonly message: string;
  readonly differences: readonly Difference[];
  /** How it was restarted, if not by a rollout. */
  readonly method?: RestartMethod;
}

export interface UpdatedWorkload extends WorkloadName {
  /** Why, in one sentence. */
  readonly message: string;
  /** The differences that the update removed. */
  readonly differences: readonly Difference[];
}

export interface FailedWorkload extends WorkloadName {
  readonly message: string;
}
