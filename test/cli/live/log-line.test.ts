import { lastingLine, logLine } from '../../../lib/cli/live/log-line';
import { began, due, ended, roundBegan, stateAfter, status } from './events';

describe('the lines that stay', () => {
  test('say what a round is about', () => {
    expect(lastingLine(stateAfter(), roundBegan(['a']))).toBe('rolling 1 workload');
    expect(lastingLine(stateAfter(), roundBegan(['a', 'b'], 2))).toBe('rolling 2 workloads, round 2');
  });

  test('count what is over, with the reason of a failure in one line', () => {
    const state = stateAfter(roundBegan(['a', 'b']), began('a'), ended('a'));
    expect(lastingLine(state, ended('b'))).toBe('2/2 Deployment shop/b: restarted');
    expect(lastingLine(state, ended('b', 'failed', 'progress deadline\nexceeded'))).toBe(
      '2/2 Deployment shop/b: progress deadline exceeded',
    );
    expect(lastingLine(stateAfter(roundBegan(['a'])), ended('a', 'gone'))).toBe('1/1 Deployment shop/a: gone');
  });

  test('do not say what a view shows while it lasts', () => {
    const state = stateAfter(roundBegan(['a']));
    expect(lastingLine(state, began('a'))).toBeUndefined();
    expect(lastingLine(state, status('a', '0 of 1 replicas updated'))).toBeUndefined();
  });

  test('do not say of each workload that it was not started, which the end of the run tells of all', () => {
    const event = ended('a', 'notStarted', 'not started, since the run was told to stop');
    expect(lastingLine(stateAfter(roundBegan(['a'])), event)).toBeUndefined();
  });
});

describe('the lines of a log', () => {
  const state = stateAfter({ type: 'roundBegan', round: 1, workloads: [due('a'), due('b', 'wait')] });

  test('say what has begun', () => {
    expect(logLine(state, began('a'), false)).toBe('Deployment shop/a: restarting');
    expect(logLine(state, began('b', 'wait'), false)).toBe('Deployment shop/b: waiting for its rollout');
  });

  test('say how far a rollout is only when nothing else was said for long', () => {
    const event = status('a', '1 old replica still to go');
    expect(logLine(state, event, false)).toBeUndefined();
    expect(logLine(state, event, true)).toBe('Deployment shop/a: 1 old replica still to go');
  });

  test('say the same as a terminal of all else', () => {
    const events = [ended('a'), { type: 'note', message: 'Events are not recorded: no' } as const, roundBegan(['a'])];
    for (const event of events) {
      expect(logLine(state, event, false)).toBe(lastingLine(state, event));
    }
  });
});
