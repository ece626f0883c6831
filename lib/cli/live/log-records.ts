import { linesOfEvent } from '../../engine/report/lines-of-event';
import type { RestartReport, RunEvent, WatchEvent, WorkloadName } from '../../engine/index';
import type { RestartError } from '../../engine/restart-error';
import { asJson } from '../output/as-json';
import { printable } from '../output/printable';
import { planCounts } from '../plan/plan-summary';
import { logLines } from './log-lines';
import { beforeOf, isSame, type LiveEvent, type LiveState } from './live-state';

/** One line of a JSON log. */
export interface LogRecord {
  readonly level: 'info' | 'warn' | 'error';
  /** The `type` of the event, or `underWay`, `stopped`, `finished` or `failed`. */
  readonly event: LiveEvent['type'] | WatchEvent['type'] | 'underWay' | 'stopped' | 'finished' | 'failed';
  /** The message of a text log. It has one line, except that of `stopped`, which may have several. */
  readonly message: string;
  readonly [field: string]: unknown;
}

/** The record as one line of JSON, with the time in RFC 3339. */
export function recordLine(record: LogRecord, time: Date): string {
  return asJson({ time: time.toISOString(), ...record }, 0);
}

/**
 * The records of an event: those of a text log; the counts of the plan; and one for each workload that the run leaves
 * unchanged although it is not current, except skipped ones.
 *
 * @param state the state before the event
 */
export function logRecords(state: LiveState, event: RunEvent): readonly LogRecord[] {
  const record = (level: LogRecord['level'], message: string, fields: object = {}): LogRecord => ({
    ...{ level, event: event.type, message: printable(message) },
    ...printable(fields),
  });
  const [line = ''] = logLines(state, event);
  switch (event.type) {
    case 'reading':
    case 'rolloutProgressed':
      return [];
    case 'waiting':
      return [record('info', line, { code: event.code })];
    case 'planned':
      return [
        ...linesOfEvent(event, beforeOf(state)).map((note) => record('warn', note)),
        record('info', `Workloads: ${planCounts(event.plan) || 'none'}`, { summary: event.plan.summary }),
      ];
    case 'transition':
      return [record('info', line, { namespace: event.transition.namespace, state: event.transition.state })];
    case 'roundBegan':
      return [record('info', line, { round: event.round, workloads: event.workloads.length })];
    case 'rolloutBegan': {
      const reason = state.due.find((one) => isSame(one, event.workload))?.message;
      return [record('info', line, { ...nameIn(event.workload), action: event.action, reason })];
    }
    case 'rolloutEnded': {
      const { outcome, message, workload } = event;
      const text = line || `${workload.kind} ${workload.namespace}/${workload.name}: ${message}`;
      return [record(outcome === 'failed' ? 'error' : 'info', text, { ...nameIn(workload), outcome })];
    }
    case 'left':
      return leftRecords(event, record);
    case 'eventsRefused':
    case 'planNotPublished':
      return [record('warn', line)];
  }
}

/** Omits skipped workloads: those that are not selected, that users excluded, or whose sidecar has a custom image. */
function leftRecords(
  { workload, plan }: Extract<RunEvent, { readonly type: 'left' }>,
  record: (level: LogRecord['level'], message: string, fields: object) => LogRecord,
): readonly LogRecord[] {
  const { decision, reason, message, remedy } = plan;
  if (decision === 'skip') {
    return [];
  }
  const text = `${workload.kind} ${workload.namespace}/${workload.name}: ${message}`;
  const level = decision === 'warn' || decision === 'undetermined' ? 'warn' : 'info';
  return [record(level, text, { ...nameIn(workload), decision, reason, ...(remedy ? { remedy } : {}) })];
}

/** The last record of a successful run. */
export function finishedRecord({ counts, rounds }: RestartReport, nothing: string): LogRecord {
  const done = [
    ...(counts.restarted > 0 ? [`${String(counts.restarted)} restarted`] : []),
    ...(counts.updated > 0 ? [`${String(counts.updated)} updated in place`] : []),
    ...(counts.waited > 0
      ? [`waited for ${String(counts.waited)} other ${counts.waited === 1 ? 'rollout' : 'rollouts'}`]
      : []),
  ];
  const message = done.length > 0 ? `Done: ${done.join(', ')}` : nothing;
  return { level: 'info', event: 'finished', message, counts, rounds };
}

/** The last record of a failed run. */
export function failedRecord(error: unknown): LogRecord {
  const { code, remedy, done } = error as Partial<RestartError>;
  const message = printable(error instanceof Error ? error.message : String(error));
  return { level: 'error', event: 'failed', message, ...printable({ code, remedy, done }) };
}

function nameIn({ namespace, kind, name }: WorkloadName): WorkloadName {
  return { namespace, kind, name };
}
