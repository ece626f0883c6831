import type { RollOutAction, RollOutEvent, RoundWorkload, WorkloadName } from '../../engine/index';

type Ended = Extract<RollOutEvent, { readonly type: 'ended' }>;

/** A rollout under way. */
export interface UnderWay {
  readonly workload: WorkloadName;
  readonly action: RollOutAction;
  /** How far it is; empty until that is known. */
  readonly status: string;
}

/** What is known of a run, from the events so far. */
export interface LiveState {
  /** What is done while nothing rolls. */
  readonly doing: string;
  /** 0 before the first round. */
  readonly round: number;
  /** The workloads of the round; empty while nothing rolls. */
  readonly due: readonly RoundWorkload[];
  readonly underWay: readonly UnderWay[];
  /** Of all rounds. */
  readonly ended: readonly Ended[];
  /** How many of these are of earlier rounds. */
  readonly endedBefore: number;
  /** No further rollout is started. */
  readonly isDraining: boolean;
}

export type LiveEvent = RollOutEvent | { readonly type: 'draining' };

export const STARTED: LiveState = {
  doing: 'finding out which sidecars are out of date',
  round: 0,
  due: [],
  underWay: [],
  ended: [],
  endedBefore: 0,
  isDraining: false,
};

/** The state after a further event. */
export function afterEvent(state: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case 'note':
      return { ...state, doing: event.message };
    case 'planned':
      return state;
    case 'roundBegan':
      return { ...state, round: event.round, due: event.workloads, underWay: [], endedBefore: state.ended.length };
    case 'began': {
      const { workload, action } = event;
      return { ...state, underWay: [...state.underWay, { workload, action, status: '' }] };
    }
    case 'status':
      return {
        ...state,
        underWay: state.underWay.map((one) =>
          isSame(one.workload, event.workload) ? { ...one, status: event.message } : one,
        ),
      };
    case 'ended': {
      const ended = [...state.ended, event];
      const isOver = ended.length - state.endedBefore >= state.due.length;
      return {
        ...state,
        ended,
        underWay: state.underWay.filter(({ workload }) => !isSame(workload, event.workload)),
        ...(isOver ? { due: [], doing: 'looking whether anything is still out of date' } : {}),
      };
    }
    case 'draining':
      return { ...state, isDraining: true };
  }
}

/** How many workloads of the round are over. */
export function doneOf({ ended, endedBefore }: LiveState): number {
  return ended.length - endedBefore;
}

export function isSame(one: WorkloadName, other: WorkloadName): boolean {
  return one.name === other.name && one.namespace === other.namespace && one.kind === other.kind;
}
