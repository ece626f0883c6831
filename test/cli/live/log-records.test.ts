import {
  failedRecord,
  finishedRecord,
  logRecords,
  recordLine,
  type LogRecord,
} from '../../../lib/cli/live/log-records';
import { STARTED } from '../../../lib/cli/live/live-state';
import { RestartError } from '../../../lib/engine/restart-error';
import type { RestartPlan, RestartReport, RunEvent, WorkloadPlan } from '../../../lib/engine/index';
import { began, due, ended, roundBegan, shop, stateAfter, status, waiting } from './events';

const workload = { namespace: 'shop', kind: 'Deployment', name: 'a' };
const left = (plan: Partial<WorkloadPlan>): RunEvent => ({
  ...{ type: 'left', workload: shop('a') },
  plan: { message: '1 of 1 pod out of date', ...plan } as WorkloadPlan,
});

describe('the records of a log', () => {
  test.each<[string, RunEvent, LogRecord]>([
    [
      'what is waited for',
      waiting('istiod is not ready'),
      { level: 'info', event: 'waiting', message: 'istiod is not ready', code: 'ControlPlaneNotReady' },
    ],
    [
      'a round',
      roundBegan(['a', 'b'], 2),
      { level: 'info', event: 'roundBegan', message: 'rolling out 2 workloads, round 2', round: 2, workloads: 2 },
    ],
    [
      'refused Events',
      { type: 'eventsRefused', message: 'no' },
      { level: 'warn', event: 'eventsRefused', message: 'Events are not recorded: no' },
    ],
    [
      'a workload to do by hand',
      left({ decision: 'warn', reason: 'BarePod', remedy: 'kubectl replace' }),
      {
        ...{ level: 'warn', event: 'left', message: 'Deployment shop/a: 1 of 1 pod out of date', ...workload },
        ...{ decision: 'warn', reason: 'BarePod', remedy: 'kubectl replace' },
      },
    ],
    [
      'a workload outside of its window',
      left({ decision: 'deferred', reason: 'OutsideWindow' }),
      {
        ...{ level: 'info', event: 'left', message: 'Deployment shop/a: 1 of 1 pod out of date', ...workload },
        ...{ decision: 'deferred', reason: 'OutsideWindow' },
      },
    ],
  ])('name %s', (_, event, record) => {
    expect(logRecords(STARTED, event)).toEqual([record]);
  });

  test('name what is restarted, why, and with which result', () => {
    const state = stateAfter(roundBegan([due('a')]));
    expect(logRecords(state, began('a'))).toEqual([
      {
        ...{ level: 'info', event: 'rolloutBegan', message: 'Deployment shop/a: restarting', ...workload },
        ...{ action: 'restart', reason: 'out of date' },
      },
    ]);
    const running = stateAfter(roundBegan([due('a')]), began('a'));
    expect(logRecords(running, ended('a'))).toEqual([
      {
        level: 'info',
        event: 'rolloutEnded',
        message: '1/1 Deployment shop/a: restarted',
        ...workload,
        outcome: 'restarted',
      },
    ]);
    expect(logRecords(running, ended('a', 'failed', 'progress deadline exceeded'))).toMatchObject([
      { level: 'error', message: '1/1 Deployment shop/a: progress deadline exceeded', outcome: 'failed' },
    ]);
    expect(logRecords(running, ended('a', 'notStarted', 'not started, since another one failed'))).toMatchObject([
      { level: 'info', message: 'Deployment shop/a: not started, since another one failed', outcome: 'notStarted' },
    ]);
  });

  test('have each note of a plan once, and its numbers', () => {
    const plan = {
      notes: ['no permission'],
      summary: { restart: 2, skip: 0 },
      workloads: [],
    } as unknown as RestartPlan;
    const planned: RunEvent = { type: 'planned', plan };
    const counts = { event: 'planned', message: 'Workloads: 2 to restart', summary: { restart: 2, skip: 0 } };
    expect(logRecords(STARTED, planned)).toMatchObject([{ level: 'warn', message: 'no permission' }, counts]);
    expect(logRecords(stateAfter(planned), planned)).toMatchObject([counts]);
  });

  test('leave out the steps of a rollout, and workloads that are not to be restarted', () => {
    const state = stateAfter(roundBegan(['a']), began('a'));
    expect(logRecords(state, status('a', '0 of 1 replicas updated'))).toEqual([]);
    expect(logRecords(state, left({ decision: 'skip', reason: 'Excluded' }))).toEqual([]);
    expect(logRecords(STARTED, { type: 'reading' })).toEqual([]);
  });

  test('are one line each, whatever others have written', () => {
    const hostile = 'a\u001b[2J\u202eb\nc';
    const [record] = logRecords(STARTED, ended(hostile));
    const line = recordLine(record as LogRecord, new Date('2026-01-01T00:00:00Z'));
    expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(JSON.parse(line)).toMatchObject({
      time: '2026-01-01T00:00:00.000Z',
      outcome: 'restarted',
      namespace: 'shop',
    });
  });
});

describe('the last record', () => {
  const counts = { restarted: 0, updated: 0, waited: 0, current: 3 };
  const report = (some: object) => ({ counts: { ...counts, ...some }, rounds: 1 }) as unknown as RestartReport;

  test('counts what was done', () => {
    expect(finishedRecord(report({ restarted: 2, updated: 1 }), 'Nothing')).toMatchObject({
      ...{ level: 'info', event: 'finished', message: 'Done: 2 restarted, 1 updated in place', rounds: 1 },
      counts: { restarted: 2, current: 3 },
    });
    expect(finishedRecord(report({}), 'Nothing to restart').message).toBe('Nothing to restart');
  });

  test('names the code of a failure, its remedy and what was done before', () => {
    const done = { restarted: ['Deployment shop/a'], begun: [], notStarted: [] };
    const error = new RestartError('Forbidden', 'no right to list pods', { remedy: 'grant it', done });
    expect(failedRecord(error)).toMatchObject({
      ...{ level: 'error', event: 'failed', code: 'Forbidden', remedy: 'grant it', done },
      message: expect.stringContaining('no right to list pods; grant it.') as string,
    });
    expect(failedRecord(new TypeError('x is undefined'))).toEqual({
      ...{ level: 'error', event: 'failed', message: 'x is undefined' },
    });
  });
});
