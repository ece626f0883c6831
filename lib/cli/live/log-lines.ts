import { linesOfEvent } from '../../engine/report/lines-of-event';
import type { RollOutAction, RunEvent } from '../../engine/index';
import { printable } from '../output/printable';
import { shownName } from './shown-name';
import { beforeOf, type LiveState } from './live-state';

const DOING: Readonly<Record<RollOutAction, string>> = {
  restart: 'restarting',
  update: 'updating in place',
  wait: 'waiting for its rollout',
};

/**
 * The permanent lines of an event, both on a terminal and in a log.
 *
 * @param state the state before the event
 */
export function lastingLines(state: LiveState, event: RunEvent): readonly string[] {
  // The last lines of the run name all workloads whose rollouts were not started.
  return event.type === 'rolloutEnded' && event.outcome === 'notStarted'
    ? []
    : linesOfEvent(event, beforeOf(state)).map(printable);
}

/**
 * The lines of an event in a log, which has no view of the rollouts under way.
 *
 * @param state the state before the event
 */
export function logLines(state: LiveState, event: RunEvent): readonly string[] {
  return event.type === 'rolloutBegan'
    ? [`${shownName(event.workload)}: ${DOING[event.action]}`]
    : lastingLines(state, event);
}

/** The maximum number of workloads that the line of {@link signOfLife} names. */
const MOST_NAMED = 3;

/** A log line for a time without events; undefined if no rollout is under way. */
export function signOfLife({ underWay }: LiveState): string | undefined {
  if (underWay.length === 0) {
    return undefined;
  }
  const named = underWay.slice(0, MOST_NAMED);
  const names = named.map(({ workload, status }) =>
    status === '' ? shownName(workload) : `${shownName(workload)} (${printable(status)})`,
  );
  const more = underWay.length - named.length;
  return `still under way: ${[...names, ...(more > 0 ? [`and ${String(more)} more`] : [])].join(', ')}`;
}
