import { eventLines } from '../../../lib/engine/report/event-lines';
import type { RestartPlan } from '../../../lib/engine/plan/plan';
import type { RunEvent } from '../../../lib/engine/run/run-event';
import { began, ended, roundBegan, status, waiting } from '../../cli/live/events';

const planned = (...notes: readonly string[]): RunEvent => ({
  type: 'planned',
  plan: { notes } as unknown as RestartPlan,
});

describe('the lines of events', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function lines(...events: readonly RunEvent[]): readonly string[] {
    const told: string[] = [];
    events.forEach(eventLines((line) => told.push(line)));
    return told;
  }

  test('say what a run waits for, rolls and has done', () => {
    expect(
      lines(
        { type: 'reading' },
        waiting('istiod is not ready'),
        planned(),
        roundBegan(['a', 'b']),
        began('a'),
        ended('a'),
        began('b'),
        ended('b', 'failed', 'progress deadline exceeded'),
        roundBegan(['b'], 2),
        ended('b', 'notStarted', 'not started, since the run was told to stop'),
      ),
    ).toEqual([
      'istiod is not ready',
      'rolling out 2 workloads',
      '1/2 Deployment shop/a: restarted',
      '2/2 Deployment shop/b: progress deadline exceeded',
      'rolling out 1 workload, round 2',
      '1/1 Deployment shop/b: not started, since the run was told to stop',
    ]);
  });

  test('say each note of the plans once', () => {
    expect(lines(planned('one'), planned('one', 'two'), planned('two'))).toEqual(['one', 'two']);
  });

  test('say why Events are not recorded', () => {
    expect(lines({ type: 'eventsRefused', message: 'no events for you' })).toEqual([
      'Events are not recorded: no events for you',
    ]);
  });

  test('say how far a rollout is where nothing else has been said for a while', () => {
    const told: string[] = [];
    const onEvent = eventLines((line) => told.push(line));
    onEvent(roundBegan(['a']));
    jest.advanceTimersByTime(9_999);
    onEvent(status('a', '0 of 2 replicas updated'));
    jest.advanceTimersByTime(1);
    onEvent(status('a', '1 of 2 replicas updated'));
    onEvent(status('a', '2 of 2 replicas updated'));
    expect(told).toEqual(['rolling out 1 workload', 'Deployment shop/a: 1 of 2 replicas updated']);
  });

  test('contain no control characters', () => {
    expect(lines(waiting('quota\u001b[2J\u0007'))).toEqual(['quota [2J ']);
  });
});
