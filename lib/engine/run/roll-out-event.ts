import type { RestartPlan } from '../plan/plan';
import type { WorkloadName } from './restart-report';
import type { RollOutResult } from '../rollout/roll-out';

/** What is done with a workload in a round: it is restarted, or a rollout that somebody else has started is waited for. */
export type RollOutAction = 'restart' | 'wait';

/** A workload that a round is about. */
export interface RoundWorkload extends WorkloadName {
  readonly action: RollOutAction;
}

/** What happens in a run, as it happens; plain data. */
export type RollOutEvent =
  /** Something is waited for, or does not work, that is no rollout; one sentence without a full stop. */
  | { readonly type: 'note'; readonly message: string }
  /** A plan is made: the first one, the one after each answer of `confirm`, and the one after each round. */
  | { readonly type: 'planned'; readonly plan: RestartPlan }
  /** These workloads are due now, and none of them has begun. */
  | { readonly type: 'roundBegan'; readonly round: number; readonly workloads: readonly RoundWorkload[] }
  /** The rollout is under way; one that was to be restarted may turn out to be one to wait for. */
  | { readonly type: 'began'; readonly workload: WorkloadName; readonly action: RollOutAction }
  /** How far the rollout is, whenever that changes. */
  | { readonly type: 'status'; readonly workload: WorkloadName; readonly message: string }
  /** The rollout is over, or will not begin in this round; once for each workload of the round. */
  | {
      readonly type: 'ended';
      readonly workload: WorkloadName;
      readonly outcome: RollOutResult['outcome'];
      /** Why it failed or was not started; else empty. */
      readonly message: string;
    };
