import type { Difference } from '../injector/differences';
import type { MutualTlsTransition } from '../plan/mutual-tls/transition';
import type { IgnoredAnnotation, RestartMethod, WorkloadPlan } from '../plan/plan';

/** What a run that succeeded has done, and what it has left; plain data, ready for JSON. */
export interface RestartReport {
  /** Grows when the shape of the report changes in a way that readers notice. */
  readonly schemaVersion: 1;
  /** Rolled by this run, and up to date now; in the order in which they were planned. */
  readonly restarted: readonly RestartedWorkload[];
  /** Updated in place by this run; what is still out of date of them is among the warnings. */
  readonly updated: readonly UpdatedWorkload[];
  /** Were rolling already, or were rolled by somebody else before their turn, and were waited for. */
  readonly waited: readonly WorkloadName[];
  /** Out of date, and left to their users. */
  readonly warnings: readonly WorkloadPlan[];
  /** Left alone on purpose. */
  readonly skipped: readonly WorkloadPlan[];
  /** Out of date, and left to a later run: see their reason. */
  readonly deferred: readonly WorkloadPlan[];
  /** Workloads that may or may not be out of date. */
  readonly undetermined: readonly WorkloadPlan[];
  /** Annotations that say nothing the engine understands. */
  readonly ignoredAnnotations: readonly IgnoredAnnotation[];
  /** Namespaces whose workloads enter or leave a mesh that is STRICT, and what became of that. */
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
  /** How many rounds of planning and rolling it took; 0 when nothing was out of date. */
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
  /** How, where that was not by a rollout. */
  readonly method?: RestartMethod;
}

export interface UpdatedWorkload extends WorkloadName {
  /** Why, in one sentence. */
  readonly message: string;
  /** What was settled. */
  readonly differences: readonly Difference[];
}

export interface FailedWorkload extends WorkloadName {
  readonly message: string;
}
