import type { RollOutEvent } from '../../restart/index';
import { printable } from '../output/printable';
import { nameOf } from '../../restart/plan';
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
 * @param isQuiet whether a sign of life is due
 */
export function logLine(state: LiveState, event: RollOutEvent, isQuiet: boolean): string | undefined {
  switch (event.type) {
    case 'began':
      return `${nameOf(event.workload)}: ${event.action === 'restart' ? 'restarting' : 'waiting for its rollout'}`;
    case 'status':
      return isQuiet ? `${nameOf(event.workload)}: ${printable(event.message)}` : undefined;
    default:
      return lastingLine(state, event);
  }
}
