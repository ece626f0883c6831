import type { RollOutEvent } from '../../engine/index';
import { printable } from '../output/printable';
import { nameOf } from '../../engine/plan/plan';
import { doneOf, type LiveState } from './live-state';

/**
 * The line that stays of an event, on a terminal and in a log alike; undefined for one that leaves none.
 *
 * @param state before the event
 */
export function lastingLine(state: LiveState, event: RollOutEvent): string | undefined {
  switch (event.type) {
    case 'note':
      return printable(event.message);
    case 'roundBegan': {
      const count = event.workloads.length;
      const round = event.round > 1 ? `, round ${String(event.round)}` : '';
      return `rolling ${String(count)} ${count === 1 ? 'workload' : 'workloads'}${round}`;
    }
    case 'ended': {
      if (event.outcome === 'notStarted') {
        // What the run ends with names all of these.
        return undefined;
      }
      const total = state.due.length;
      const message = printable(event.message) || event.outcome;
      return `${String(doneOf(state) + 1)}/${String(total)} ${nameOf(event.workload)}: ${message}`;
    }
    default:
      return undefined;
  }
}

/**
 * The line of an event in a log, where no view shows what is under way.
 *
 * @param state before the event
 */
export function logLine(state: LiveState, event: RollOutEvent): string | undefined {
  return event.type === 'began'
    ? `${nameOf(event.workload)}: ${event.action === 'restart' ? 'restarting' : 'waiting for its rollout'}`
    : lastingLine(state, event);
}

/** How many workloads a sign of life names at most. */
const MOST_NAMED = 3;

/** The line of a log in which nothing has happened for a while; undefined where nothing is under way. */
export function signOfLife({ underWay }: LiveState): string | undefined {
  if (underWay.length === 0) {
    return undefined;
  }
  const named = underWay.slice(0, MOST_NAMED);
  const names = named.map(({ workload, status }) =>
    status === '' ? nameOf(workload) : `${nameOf(workload)} (${printable(status)})`,
  );
  const more = underWay.length - named.length;
  return `still under way: ${[...names, ...(more > 0 ? [`and ${String(more)} more`] : [])].join(', ')}`;
}
