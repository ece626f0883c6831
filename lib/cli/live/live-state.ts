import { linesOfEvent, newNotes, type Before } from '../../engine/report/lines-of-event';
import type { RollOutAction, RoundWorkload, RunEvent, WorkloadName } from '../../engine/index';

type Ended = Extract<RunEvent, { readonly type: 'rolloutEnded' }>;

/** A rollout under way. */
export interface UnderWay {
  readonly workload: WorkloadName;
  readonly action: RollOutAction;
  /** Its progress; empty until that is known. */
  readonly status: string;
}

/** The state of a run, from its events so far. */
export interface LiveState {
  /** What the run does while no rollout is under way. */
  readonly doing: string;
  /** 0 before the first round. */
  readonly round: number;
  /** The workloads of the current round; empty between rounds. */
  readonly due: readonly RoundWorkload[];
  readonly underWay: readonly UnderWay[];
  /** Ended rollouts of all rounds. */
  readonly ended: readonly Ended[];
  /** How many of the ended rollouts belong to earlier rounds. */
  readonly endedBefore: number;
  /** Notes of the plans so far. */
  readonly notes: readonly string[];
  /** Whether the run is stopping: it starts no further rollouts. */
  readonly isDraining: boolean;
}

export type LiveEvent = RunEvent | { readonly type: 'draining' };

const READING = 'checking which sidecars are out of date';
const READING_AGAIN = 'checking whether anything is still out of date';

export const STARTED: LiveState = {
  doing: READING,
  round: 0,
  due: [],
  underWay: [],
  ended: [],
  endedBefore: 0,
  notes: [],
  isDraining: false,
};

/** The state after a further event. */
export function afterEvent(state: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case 'reading':
      return { ...state, doing: state.round === 0 ? READING : READING_AGAIN };
    case 'waiting':
    case 'transition':
    case 'eventsRefused':
    case 'planNotPublished':
      return { ...state, doing: linesOfEvent(event, beforeOf(state)).join('; ') };
    case 'planned':
      return { ...state, notes: [...state.notes, ...newNotes(event, state.notes)] };
    case 'left':
      return state;
    case 'roundBegan':
      return { ...state, round: event.round, due: event.workloads, underWay: [], endedBefore: state.ended.length };
    case 'rolloutBegan': {
      const { workload, action } = event;
      return { ...state, underWay: [...state.underWay, { workload, action, status: '' }] };
    }
    case 'rolloutProgressed':
      return {
        ...state,
        underWay: state.underWay.map((one) =>
          isSame(one.workload, event.workload) ? { ...one, status: event.message } : one,
        ),
      };
    case 'rolloutEnded': {
      const ended = [...state.ended, event];
      const isOver = ended.length - state.endedBefore >= state.due.length;
      return {
        ...state,
        ended,
        underWay: state.underWay.filter(({ workload }) => !isSame(workload, event.workload)),
        ...(isOver ? { due: [], doing: READING_AGAIN } : {}),
      };
    }
    case 'draining':
      return { ...state, isDraining: true };
  }
}

/** The part of a state that the lines about the next event need. */
export function beforeOf(state: LiveState): Before {
  return { done: doneOf(state), total: state.due.length, notes: state.notes };
}

/** The number of workloads of the round whose rollouts have ended. */
export function doneOf({ ended, endedBefore }: LiveState): number {
  return ended.length - endedBefore;
}

export function isSame(one: WorkloadName, other: WorkloadName): boolean {
  return one.name === other.name && one.namespace === other.namespace && one.kind === other.kind;
}
