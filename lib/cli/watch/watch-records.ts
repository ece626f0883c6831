import type { RunEvent, WatchEvent } from '../../engine/index';
import { failedRecord, finishedRecord, type LogRecord } from '../live/log-records';
import { printable } from '../output/printable';
import { NOTHING_TO_RESTART } from '../restart/restart-command';

/** Events of the watch, not of a run. Some of them may also occur during a run. */
export type EventOfWatch = Exclude<WatchEvent, RunEvent>;

const OF_WATCH: ReadonlySet<string> = new Set<EventOfWatch['type']>([
  ...(['leading', 'lost', 'leaseTrouble', 'heldBack'] as const),
  ...(['runEnded', 'runFailed', 'watching', 'changed', 'watchRefused', 'standingBy'] as const),
]);

export function isOfWatch(event: WatchEvent): event is EventOfWatch {
  return OF_WATCH.has(event.type);
}

const WHY = {
  resync: 'to recheck',
  window: 'when a maintenance window opens',
  retry: 'to try again',
} as const;

/** The record of an event of the watch. Its message is the line of a text log. */
export function watchRecord(event: EventOfWatch): LogRecord {
  switch (event.type) {
    case 'runEnded':
      return finishedRecord(event.report, NOTHING_TO_RESTART);
    case 'runFailed':
      return failedRecord(event.error);
    case 'watching': {
      const message = `The next run begins after a change, or at ${event.until} ${WHY[event.reason]}`;
      return { level: 'info', event: event.type, message, until: event.until, reason: event.reason };
    }
    case 'changed':
      return { level: 'info', event: event.type, message: printable(event.message) };
    case 'watchRefused':
      return { level: 'warn', event: event.type, message: printable(event.message) };
    case 'standingBy':
      return {
        ...{ level: 'info', event: event.type, holder: printable(event.holder) },
        message: `Standing by: ${printable(event.holder)} holds the Lease`,
      };
    case 'leading':
      return { level: 'info', event: event.type, message: 'This process holds the Lease' };
    case 'lost':
      return { level: 'warn', event: event.type, message: 'This process has lost the Lease, and waits for it' };
    case 'leaseTrouble':
      return {
        level: 'warn',
        event: event.type,
        message: printable(`The Lease cannot be read or written: ${event.message}`),
      };
    case 'heldBack': {
      const workloads = printable(event.workloads);
      const message = `No further workloads are restarted, because these failed: ${workloads.join(', ')}; fix them, or set --on-failure continue`;
      return { level: 'warn', event: event.type, message, workloads };
    }
  }
}
