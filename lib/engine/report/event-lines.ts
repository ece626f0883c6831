import { cleanText } from '../cluster/clean-text';
import { nameOf } from '../plan/plan';
import type { RunEvent } from '../run/run-event';
import { linesOfEvent, newNotes, type Before } from './lines-of-event';

/** How long a round may be silent while something moves. */
const QUIET_MILLISECONDS = 10_000;

/**
 * Makes of a run's events the lines of a log: what is waited for, what a round is about, what became of each workload, and
 * every 10 s at most how far one is, where nothing else happens.
 *
 * @param tell receives each line, without terminal control sequences
 * @returns what a run takes as `onEvent`
 */
export function eventLines(tell: (line: string) => void): (event: RunEvent) => void {
  let before: Before = { done: 0, total: 0, notes: [] };
  let toldAt = Date.now();
  return (event) => {
    const lines = [...linesOfEvent(event, before)];
    if (event.type === 'rolloutProgressed' && Date.now() - toldAt >= QUIET_MILLISECONDS) {
      lines.push(`${nameOf(event.workload)}: ${event.message}`);
    }
    before = after(before, event);
    for (const line of lines) {
      toldAt = Date.now();
      tell(cleanText(line));
    }
  };
}

function after(before: Before, event: RunEvent): Before {
  switch (event.type) {
    case 'planned':
      return { ...before, notes: [...before.notes, ...newNotes(event, before.notes)] };
    case 'roundBegan':
      return { ...before, done: 0, total: event.workloads.length };
    case 'rolloutEnded':
      return { ...before, done: before.done + 1 };
    default:
      return before;
  }
}
