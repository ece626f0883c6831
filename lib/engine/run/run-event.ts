import type { MutualTlsTransition } from '../plan/mutual-tls/transition';
import type { RestartPlan, WorkloadPlan } from '../plan/plan';
import type { RestartErrorCode } from '../restart-error';
import type { RollOutResult } from '../rollout/roll-out-task';
import type { WorkloadName } from './restart-report';

/**
 * The action for a workload in a round: restart it, update its pods in place, or wait for a rollout that others
 * started.
 */
export type RollOutAction = 'restart' | 'update' | 'wait';

/** A workload that an event is about. */
export interface RunWorkload extends WorkloadName {
  /** The reference to its object, as in an Event. */
  readonly reference: { readonly apiVersion: string; readonly kind: string; readonly uid: string };
}

/** A workload of a round. */
export interface RoundWorkload extends RunWorkload {
  readonly action: RollOutAction;
  /** Why it is due, in one sentence. */
  readonly message: string;
}

/** The events of a run. Plain data that can be written as JSON. */
export type RunEvent =
  /**
   * The run reads the cluster: at the start, after a wait for the injector, after each confirmation, and after each
   * round.
   */
  | { readonly type: 'reading' }
  /** The run waits until the injector uses its current configuration. Sent when the reason changes. */
  | {
      readonly type: 'waiting';
      /** The code of the error at the deadline. */
      readonly code: RestartErrorCode;
      /** What is missing, without a period. */
      readonly message: string;
    }
  /** A plan is complete: the first one, one after each confirmation, and one after each round. */
  | { readonly type: 'planned'; readonly plan: RestartPlan }
  /** In this round, workloads of a namespace enter or leave a mesh with STRICT mutual TLS. */
  | { readonly type: 'transition'; readonly transition: MutualTlsTransition }
  /** A round starts with these workloads. */
  | {
      readonly type: 'roundBegan';
      /** Starts at 1. */
      readonly round: number;
      /** By the API server's clock, in RFC 3339. */
      readonly time: string;
      readonly workloads: readonly RoundWorkload[];
    }
  /** A rollout is under way. A planned `restart` becomes a `wait` if others have started the rollout. */
  | { readonly type: 'rolloutBegan'; readonly workload: RunWorkload; readonly action: RollOutAction }
  /** The progress of a rollout has changed. */
  | { readonly type: 'rolloutProgressed'; readonly workload: RunWorkload; readonly message: string }
  /** A rollout has ended, or does not start in this round. Sent once for each workload of the round. */
  | {
      readonly type: 'rolloutEnded';
      readonly workload: RunWorkload;
      readonly outcome: RollOutResult['outcome'];
      /** Why it failed, was not started, or was stopped; otherwise empty. */
      readonly message: string;
    }
  /** A workload is left unchanged although it is not current. Sent when all rollouts are done. */
  | { readonly type: 'left'; readonly workload: RunWorkload; readonly plan: WorkloadPlan }
  /** Events on workloads cannot be recorded. Sent once. */
  | {
      readonly type: 'eventsRefused';
      /** The reason, without a period. */
      readonly message: string;
    }
  /** Plans of this run cannot be published. Sent once. */
  | {
      readonly type: 'planNotPublished';
      /** The reason, without a period. */
      readonly message: string;
    };
