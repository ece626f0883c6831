import { cleanText } from '../cluster/clean-text';
import { nameOf } from '../plan/plan';
import type { RunEvent } from '../run/run-event';
import { linesOfEvent, newNotes, type Before } from './lines-of-event';

/** The minimum time between a line of progress and the line before it. */
const QUIET_MILLISECONDS = 10_000;

/**
 * Converts the events of a run to log lines: what the run waits for, notes, the number of workloads of a round,
 * transitions, the result of each workload, what cannot be recorded or published, and, if nothing else happens,
 * progress at most every 10 s.
 *
 * @param tell receives each line, without terminal control sequences
 * @returns a function for the option `onEvent`
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
