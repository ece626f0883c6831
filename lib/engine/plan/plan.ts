import type { Difference } from '../injector/differences';
import type { WarningReason } from '../kinds/warning-reason';
import type { Interruption } from './interruption';
import type { MutualTlsTransition } from './mutual-tls/transition';

/** The decision about one workload. */
export type Decision =
  /** Out of date; a run restarts it. */
  | 'restart'
  /** Out of date, and cannot be restarted; a run updates it in place, as far as possible. Only with `inPlace`. */
  | 'update'
  /** A rollout to up-to-date pods is already under way; a run waits for it and does not patch again. */
  | 'wait'
  /** Up to date. */
  | 'current'
  /** Out of date; its user has to act. */
  | 'warn'
  /** Skipped on purpose. */
  | 'skip'
  /** Out of date; left to a later run, either one within its maintenance window or one without `onlySeamless`. */
  | 'deferred'
  /** It is unknown whether it is out of date, or whether a restart would bring it up to date. */
  | 'undetermined';

export type SkipReason = 'CustomProxyImage' | 'Excluded';

export type Reason =
  | 'OutOfDate'
  | 'RollingOut'
  | 'UpToDate'
  | 'DryRunDenied'
  | 'DryRunNotGranted'
  | 'MalformedRecord'
  | 'NoInjector'
  | 'RestartWithoutEffect'
  | 'OutsideWindow'
  | 'Interrupts'
  | WarningReason
  | SkipReason;

/** How to restart a workload without a rollout. */
export type RestartMethod = 'eviction';

/** One workload, with the decision and its reason. Plain data that can be written as JSON. */
export interface WorkloadPlan {
  readonly namespace: string;
  /** For example `Deployment`; `Pod` for a pod without a controller. */
  readonly kind: string;
  readonly name: string;
  readonly decision: Decision;
  readonly reason: Reason;
  /** One sentence for people. */
  readonly message: string;
  /**
   * The command to run by hand for what a restart does not do; empty if nothing is left to do by hand, or if the
   * command would contain an invalid object name.
   */
  readonly remedy: string;
  /** The names of the outdated pods. If it is unknown which pods are outdated, the names of those that may be. */
  readonly pods: readonly string[];
  readonly differences: readonly Difference[];
  /**
   * Differences that other admission webhooks cause, or may cause if dry runs are not granted. No reason for a restart.
   */
  readonly others?: readonly Difference[];
  /** How far it can be updated without a restart; only for workloads that cannot be restarted. */
  readonly inPlace?: InPlacePlan;
  /** How it is restarted, if not by a rollout. With `eviction`, its pods are evicted one by one. */
  readonly method?: RestartMethod;
  /** The expected interruption; only for workloads that are restarted or updated in place, now or later. */
  readonly interruption?: Interruption;
  /** When its maintenance window opens, in RFC 3339; only for workloads that are deferred until then. */
  readonly deferredUntil?: string;
  /** False if the selected namespaces or the selector exclude it; only for skipped workloads. */
  readonly selected?: false;
}

/** What an update in place changes in the pods of a workload, and what it cannot change. */
export interface InPlacePlan {
  /** The names of the updated pods. */
  readonly pods: readonly string[];
  /** The differences that the update removes. */
  readonly differences: readonly Difference[];
  /** The remaining differences; empty if the workload is up to date afterwards. */
  readonly remaining: readonly Difference[];
}

/** An annotation of this package with an invalid value, which is ignored. */
export interface IgnoredAnnotation {
  /** Empty for a Namespace. */
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly annotation: string;
  readonly value: string;
  /** One sentence for people, with valid values. */
  readonly message: string;
}

/** The decisions about all workloads that have, or would get, a sidecar. */
export interface Decisions {
  /** Sorted by namespace, kind and name. */
  readonly workloads: readonly WorkloadPlan[];
  /** Invalid annotations of these workloads and their namespaces. */
  readonly ignoredAnnotations: readonly IgnoredAnnotation[];
}

/**
 * The plan for a cluster at one point in time. Plain data that can be written as JSON. The JSON schema
 * docs/plan.schema.json defines its format.
 */
export interface RestartPlan extends Decisions {
  /** Increases with incompatible changes of the format. */
  readonly schemaVersion: 1;
  /** The name of the kubeconfig's context. */
  readonly cluster: string;
  /** The time by the API server's clock, in RFC 3339. */
  readonly generatedAt: string;
  /** The number of workloads by decision. */
  readonly summary: Readonly<Record<Decision, number>>;
  /** Set if a prediction is an upper bound: no other workloads restart, but some of these may not. */
  readonly bound?: PlanBound;
  /** Caveats that do not invalidate the decisions, one sentence each. */
  readonly notes?: readonly string[];
  /** Namespaces whose workloads enter or leave a mesh with STRICT mutual TLS, and their state. */
  readonly transitions?: readonly MutualTlsTransition[];
}

/** Why a prediction is only an upper bound. */
export interface PlanBound {
  /** One or more sentences for people, with how to get the exact list. */
  readonly message: string;
}

/** Decisions that a run acts on. */
const DUE: ReadonlySet<Decision> = new Set(['restart', 'update', 'wait']);

/** Whether a run acts on the workload now. */
export function isDue({ decision }: WorkloadPlan): boolean {
  return DUE.has(decision);
}

/** The workloads with the decision, in the order of the plan. */
export function decided(plan: Decisions, decision: Decision): readonly WorkloadPlan[] {
  return plan.workloads.filter((workload) => workload.decision === decision);
}

/** The decisions as the plan for a cluster. */
export function planOf(decisions: Decisions, at: { readonly cluster: string; readonly time: number }): RestartPlan {
  const count = (decision: Decision) => decided(decisions, decision).length;
  return {
    schemaVersion: 1,
    cluster: at.cluster,
    generatedAt: new Date(at.time).toISOString().replace(/\.\d+Z$/, 'Z'),
    summary: {
      restart: count('restart'),
      update: count('update'),
      wait: count('wait'),
      current: count('current'),
      warn: count('warn'),
      skip: count('skip'),
      deferred: count('deferred'),
      undetermined: count('undetermined'),
    },
    ...decisions,
  };
}

/** The name of a workload in messages: `Deployment shop/cart`. */
export function nameOf(workload: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return `${workload.kind} ${workload.namespace}/${workload.name}`;
}
