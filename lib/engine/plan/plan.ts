import type { Difference } from '../injector/differences';
import type { WarningReason } from '../kinds/warning-reason';
import type { Interruption } from './interruption';
import type { MutualTlsTransition } from './mutual-tls/transition';

/** What is to happen to one workload. */
export type Decision =
  /** Out of date, and rolled. */
  | 'restart'
  /** Out of date, cannot be rolled, and updated in place, as far as that can be; only on request. */
  | 'update'
  /** Already rolling to pods that are up to date: waited for, not patched again. */
  | 'wait'
  /** Up to date. */
  | 'current'
  /** Out of date, and its user has to act. */
  | 'warn'
  /** Left alone on purpose. */
  | 'skip'
  /** Out of date, and left to a later run: one within its maintenance window, or one that may interrupt its traffic. */
  | 'deferred'
  /** It cannot be determined whether it is out of date. */
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

/** How a workload is restarted that no rollout restarts. */
export type RestartMethod = 'eviction';

/** One workload, what is decided about it, and why; plain data, ready for JSON. */
export interface WorkloadPlan {
  readonly namespace: string;
  /** Such as `Deployment`; `Pod` for a pod without a controller. */
  readonly kind: string;
  readonly name: string;
  readonly decision: Decision;
  readonly reason: Reason;
  /** One sentence for a person. */
  readonly message: string;
  /**
   * The command that does by hand what the engine does not do; empty when nothing is left to do, and where the command
   * would be about a name that no object can have.
   */
  readonly remedy: string;
  /** The names of the pods that are out of date; of all its pods if that cannot be determined. */
  readonly pods: readonly string[];
  readonly differences: readonly Difference[];
  /** What other admission webhooks decide about the sidecar, or may decide where dry runs are not granted: no reason for a restart. */
  readonly others?: readonly Difference[];
  /** How far it can be brought up to date without a restart; of workloads alone that cannot be rolled. */
  readonly inPlace?: InPlacePlan;
  /** How it is restarted, where that is not by a rollout: its pods are evicted, one after the other. */
  readonly method?: RestartMethod;
  /** What its clients have to expect when it is restarted or updated in place; of workloads that are, now or later. */
  readonly interruption?: Interruption;
  /** When its maintenance window opens, in RFC 3339; of workloads alone that are deferred for that. */
  readonly deferredUntil?: string;
  /** False where the chosen namespaces or the selector leave it out; of skipped workloads alone. */
  readonly selected?: false;
}

/** What an update in place does for the pods of a workload, and what it cannot do. */
export interface InPlacePlan {
  /** The names of the pods that it is for. */
  readonly pods: readonly string[];
  /** The differences that it settles. */
  readonly differences: readonly Difference[];
  /** What is still out of date after it; empty where it brings the workload up to date. */
  readonly remaining: readonly Difference[];
}

/** An annotation of the package's own whose value is invalid, and so ignored. */
export interface IgnoredAnnotation {
  /** Empty for a Namespace. */
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly annotation: string;
  readonly value: string;
  /** One sentence for a person, with what to write instead. */
  readonly message: string;
}

/** What is decided for every workload that has, or would get, a sidecar. */
export interface Decisions {
  /** In one order: by namespace, kind and name. */
  readonly workloads: readonly WorkloadPlan[];
  /** Of these workloads and their namespaces. */
  readonly ignoredAnnotations: readonly IgnoredAnnotation[];
}

/**
 * The plan for one cluster at one moment; plain data, ready for JSON. Its shape is a contract, which docs/plan.schema.json
 * states as a JSON schema.
 */
export interface RestartPlan extends Decisions {
  /** Grows when the shape of the plan changes in a way that readers notice. */
  readonly schemaVersion: 1;
  /** The name of the kubeconfig's context. */
  readonly cluster: string;
  /** By the API server's clock, in RFC 3339. */
  readonly generatedAt: string;
  /** How many workloads there are of each decision. */
  readonly summary: Readonly<Record<Decision, number>>;
  /** Set where a prediction is not exact: no other workloads restart, and some of these may not. */
  readonly bound?: PlanBound;
  /** What speaks against the decisions without making them wrong; each one sentence for a person. */
  readonly notes?: readonly string[];
  /** Set where workloads enter or leave a mesh whose mutual TLS is STRICT: what a restart does about it. */
  readonly transitions?: readonly MutualTlsTransition[];
}

/** Why a prediction is only an upper bound. */
export interface PlanBound {
  /** One sentence for a person, with how to get the exact list. */
  readonly message: string;
}

/** The workloads with that decision, in the plan's order. */
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

/** How a workload is called in messages: `Deployment shop/cart`. */
export function nameOf(workload: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return `${workload.kind} ${workload.namespace}/${workload.name}`;
}
