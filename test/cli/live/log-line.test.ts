import { lastingLine, logLine, signOfLife } from '../../../lib/cli/live/log-line';
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
    expect(logLine(state, began('a'))).toBe('Deployment shop/a: restarting');
    expect(logLine(state, began('b', 'wait'))).toBe('Deployment shop/b: waiting for its rollout');
  });

  test('say the same as a terminal of all else', () => {
    const events = [ended('a'), { type: 'note', message: 'Events are not recorded: no' } as const, roundBegan(['a'])];
    for (const event of events) {
      expect(logLine(state, event)).toBe(lastingLine(state, event));
    }
  });
});

describe('the sign of life of a log', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];

  test('says what is under way, and how far that is where it is known', () => {
    const state = stateAfter(roundBegan(names), began('a'), began('b'), status('a', '1 old replica\nstill to go'));
    expect(signOfLife(state)).toBe('still under way: Deployment shop/a (1 old replica still to go), Deployment shop/b');
  });

  test('names a few of many', () => {
    const state = (count: number) => stateAfter(roundBegan(names), ...names.slice(0, count).map((name) => began(name)));
    expect(signOfLife(state(3))).toBe('still under way: Deployment shop/a, Deployment shop/b, Deployment shop/c');
    expect(signOfLife(state(5))).toBe(
      'still under way: Deployment shop/a, Deployment shop/b, Deployment shop/c, and 2 more',
    );
  });

  test('says nothing where nothing is under way', () => {
    expect(signOfLife(stateAfter(roundBegan(names), began('a'), ended('a')))).toBeUndefined();
  });
});
