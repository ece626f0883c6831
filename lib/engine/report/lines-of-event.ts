import { nameOf } from '../plan/plan';
import type { RunEvent } from '../run/run-event';

/** The state before the event. */
export interface Before {
  /** The number of workloads of the round that have ended. */
  readonly done: number;
  /** The number of workloads of the round. */
  readonly total: number;
  /** Notes of earlier plans, which are printed once. */
  readonly notes: readonly string[];
}

/** The lines of an event for people, often none. They may contain control characters. */
export function linesOfEvent(event: RunEvent, { done, total, notes }: Before): readonly string[] {
  switch (event.type) {
    case 'waiting':
      return [event.message];
    case 'planned':
      return newNotes(event, notes);
    case 'transition':
      return [event.transition.message];
    case 'roundBegan': {
      const round = event.round > 1 ? `, round ${String(event.round)}` : '';
      return [`${roundText(event)}${round}`];
    }
    case 'rolloutEnded':
      return [`${String(done + 1)}/${String(total)} ${nameOf(event.workload)}: ${event.message || event.outcome}`];
    case 'eventsRefused':
      return [`Events are not recorded: ${event.message}`];
    case 'planNotPublished':
      return [`The plan is not published: ${event.message}`];
    case 'reading':
    case 'rolloutBegan':
    case 'rolloutProgressed':
    case 'left':
      return [];
  }
}

function roundText({ workloads }: Extract<RunEvent, { readonly type: 'roundBegan' }>): string {
  const updates = workloads.filter(({ action }) => action === 'update').length;
  const rollOuts = workloads.length - updates;
  const count = (number: number) => `${String(number)} ${number === 1 ? 'workload' : 'workloads'}`;
  return [
    ...(rollOuts > 0 ? [`rolling out ${count(rollOuts)}`] : []),
    ...(updates > 0 ? [`updating ${rollOuts > 0 ? String(updates) : count(updates)} in place`] : []),
  ].join(', ');
}

/** The notes of a plan that are not in earlier plans. */
export function newNotes(
  { plan }: Extract<RunEvent, { readonly type: 'planned' }>,
  known: readonly string[],
): readonly string[] {
  return (plan.notes ?? []).filter((note) => !known.includes(note));
}
