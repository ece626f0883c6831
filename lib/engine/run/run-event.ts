import type { MutualTlsTransition } from '../plan/mutual-tls/transition';
import type { RestartPlan, WorkloadPlan } from '../plan/plan';
import type { RestartErrorCode } from '../restart-error';
import type { RollOutResult } from '../rollout/roll-out-task';
import type { WorkloadName } from './restart-report';

/**
 * What is done with a workload in a round: it is restarted, its pods are updated in place, or a rollout that somebody else
 * has started is waited for.
 */
export type RollOutAction = 'restart' | 'update' | 'wait';

/** A workload that an event is about. */
export interface RunWorkload extends WorkloadName {
  /** Its object, as Kubernetes knows it. */
  readonly reference: { readonly apiVersion: string; readonly kind: string; readonly uid: string };
}

/** A workload that a round is about. */
export interface RoundWorkload extends RunWorkload {
  readonly action: RollOutAction;
  /** Why it is due, in one sentence. */
  readonly message: string;
}

/** What happens in a run, as it happens; plain data, ready for JSON. */
export type RunEvent =
  /** The workloads of the cluster are read: at first, after a wait for the injector, and after each round. */
  | { readonly type: 'reading' }
  /** The injector does not know its configuration yet; once for each reason in a row. */
  | {
      readonly type: 'waiting';
      /** Of the error that it becomes at the deadline. */
      readonly code: RestartErrorCode;
      /** What is missing, without a full stop. */
      readonly message: string;
    }
  /** A plan is made: the first one, the one after each answer of `confirm`, and the one after each round. */
  | { readonly type: 'planned'; readonly plan: RestartPlan }
  /** The workloads of a namespace enter or leave a mesh that is STRICT in this round. */
  | { readonly type: 'transition'; readonly transition: MutualTlsTransition }
  /** These workloads are due now, and none of them has begun. */
  | {
      readonly type: 'roundBegan';
      /** From 1 on. */
      readonly round: number;
      /** By the API server's clock, in RFC 3339. */
      readonly time: string;
      readonly workloads: readonly RoundWorkload[];
    }
  /** The rollout is under way; one that was to be restarted may turn out to be one to wait for. */
  | { readonly type: 'rolloutBegan'; readonly workload: RunWorkload; readonly action: RollOutAction }
  /** How far the rollout is, whenever that changes. */
  | { readonly type: 'rolloutProgressed'; readonly workload: RunWorkload; readonly message: string }
  /** The rollout is over, or will not begin in this round; once for each workload of the round. */
  | {
      readonly type: 'rolloutEnded';
      readonly workload: RunWorkload;
      readonly outcome: RollOutResult['outcome'];
      /** Why it failed or was not started; else empty. */
      readonly message: string;
    }
  /** The workload is left as it is: once for each one that is neither current nor restarted, when all others are done. */
  | { readonly type: 'left'; readonly workload: RunWorkload; readonly plan: WorkloadPlan }
  /** The cluster takes no further Events on workloads; once. */
  | {
      readonly type: 'eventsRefused';
      /** Why, without a full stop. */
      readonly message: string;
    }
  /** Plans of this run are not published; once. */
  | {
      readonly type: 'planNotPublished';
      /** Why, without a full stop. */
      readonly message: string;
    };
