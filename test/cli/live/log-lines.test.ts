import { lastingLines, logLines, signOfLife } from '../../../lib/cli/live/log-lines';
import { began, due, ended, roundBegan, stateAfter, status } from './events';

describe('the lines that stay', () => {
  test('say what a round is about', () => {
    expect(lastingLines(stateAfter(), roundBegan(['a']))).toEqual(['rolling out 1 workload']);
    expect(lastingLines(stateAfter(), roundBegan(['a', 'b'], 2))).toEqual(['rolling out 2 workloads, round 2']);
  });

  test('count workloads that are done, with the reason of a failure in one line', () => {
    const state = stateAfter(roundBegan(['a', 'b']), began('a'), ended('a'));
    expect(lastingLines(state, ended('b'))).toEqual(['2/2 Deployment shop/b: restarted']);
    expect(lastingLines(state, ended('b', 'failed', 'progress deadline\nexceeded'))).toEqual([
      '2/2 Deployment shop/b: progress deadline exceeded',
    ]);
    expect(lastingLines(stateAfter(roundBegan(['a'])), ended('a', 'gone'))).toEqual(['1/1 Deployment shop/a: gone']);
  });

  test('leave out what the live view shows', () => {
    const state = stateAfter(roundBegan(['a']));
    expect(lastingLines(state, began('a'))).toEqual([]);
    expect(lastingLines(state, status('a', '0 of 1 replicas updated'))).toEqual([]);
  });

  test('leave out workloads that were not started, which the end of the run lists', () => {
    const event = ended('a', 'notStarted', 'not started, since the run was told to stop');
    expect(lastingLines(stateAfter(roundBegan(['a'])), event)).toEqual([]);
  });
});

test('a name is shown without its control characters', () => {
  const hostile = 'a\u001b[2Jb\u009bc\nd';
  const state = stateAfter(roundBegan([hostile]), began(hostile));
  const lines = [...lastingLines(state, ended(hostile)), ...logLines(state, began(hostile)), signOfLife(state)];
  expect(lines).toEqual([
    '1/1 Deployment shop/a [2Jb c d: restarted',
    'Deployment shop/a [2Jb c d: restarting',
    'still under way: Deployment shop/a [2Jb c d',
  ]);
});

describe('the lines of a log', () => {
  const state = stateAfter(roundBegan([due('a'), due('b', 'wait')]));

  test('say what has begun', () => {
    expect(logLines(state, began('a'))).toEqual(['Deployment shop/a: restarting']);
    expect(logLines(state, began('a', 'update'))).toEqual(['Deployment shop/a: updating in place']);
    expect(logLines(state, began('b', 'wait'))).toEqual(['Deployment shop/b: waiting for its rollout']);
  });

  test('distinguish restarts from updates in place', () => {
    const round = (...workloads: readonly Parameters<typeof due>[]) =>
      logLines(state, roundBegan(workloads.map((one) => due(...one))));
    expect(round(['a'], ['b', 'wait'])).toEqual(['rolling out 2 workloads']);
    expect(round(['a', 'update'])).toEqual(['updating 1 workload in place']);
    expect(round(['a'], ['b', 'update'], ['c', 'update'])).toEqual(['rolling out 1 workload, updating 2 in place']);
  });

  test('are the same as on a terminal for all other events', () => {
    const events = [ended('a'), { type: 'eventsRefused', message: 'no' } as const, roundBegan(['a'])];
    for (const event of events) {
      expect(logLines(state, event)).toEqual(lastingLines(state, event));
      expect(logLines(state, event)).toHaveLength(1);
    }
  });
});

describe('the sign of life of a log', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];

  test('says what is under way, and how far that is where it is known', () => {
    const state = stateAfter(
      roundBegan(names),
      began('a'),
      began('b'),
      status('a', '1 old replica\npending termination'),
    );
    expect(signOfLife(state)).toBe(
      'still under way: Deployment shop/a (1 old replica pending termination), Deployment shop/b',
    );
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
