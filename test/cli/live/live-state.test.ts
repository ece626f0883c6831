import { doneOf } from '../../../lib/cli/live/live-state';
import { began, due, ended, roundBegan, shop, stateAfter, status, waiting } from './events';

describe('the state of a run', () => {
  test('before anything rolls is what is waited for', () => {
    expect(stateAfter().doing).toBe('checking which sidecars are out of date');
    expect(stateAfter(waiting('istiod is not ready')).doing).toBe('istiod is not ready');
    expect(stateAfter(waiting('istiod is not ready'), { type: 'reading' }).doing).toBe(
      'checking which sidecars are out of date',
    );
  });

  test('holds what is under way, with the last that is known of it', () => {
    const state = stateAfter(
      roundBegan(['a', 'b', 'c']),
      began('a'),
      began('b', 'wait'),
      status('a', '0 of 2 replicas updated'),
      status('a', '1 of 2 replicas updated'),
    );
    expect(state.underWay).toEqual([
      { workload: shop('a'), action: 'restart', status: '1 of 2 replicas updated' },
      { workload: shop('b'), action: 'wait', status: '' },
    ]);
    expect(doneOf(state)).toBe(0);
  });

  test('tells workloads of one name apart', () => {
    const state = stateAfter(
      roundBegan(['a']),
      { type: 'rolloutBegan', workload: { ...shop('a'), kind: 'StatefulSet' }, action: 'restart' },
      { type: 'rolloutBegan', workload: { ...shop('a'), namespace: 'legacy' }, action: 'restart' },
      began('a'),
      ended('a'),
    );
    expect(state.underWay).toHaveLength(2);
  });

  test('counts what is over, also when it never began', () => {
    const state = stateAfter(
      roundBegan(['a', 'b', 'c']),
      began('a'),
      ended('a', 'failed', 'too slow'),
      ended('b', 'notStarted'),
    );
    expect(doneOf(state)).toBe(2);
    expect(state.underWay).toEqual([]);
    expect(state.due).toEqual([due('a'), due('b'), due('c')]);
  });

  test('is about no round any more when all of it is over', () => {
    const state = stateAfter(roundBegan(['a']), began('a'), ended('a'));
    expect(state).toMatchObject({ due: [], doing: 'checking whether anything is still out of date' });
    expect(state.ended).toEqual([ended('a')]);
  });

  test('counts each round anew, and keeps what ended before', () => {
    const state = stateAfter(roundBegan(['a']), ended('a'), roundBegan(['b', 'c'], 2), began('b'), ended('b'));
    expect(doneOf(state)).toBe(1);
    expect(state.round).toBe(2);
    expect(state.ended).toEqual([ended('a'), ended('b')]);
  });

  test('says once it is drained', () => {
    expect(stateAfter(roundBegan(['a'])).isDraining).toBe(false);
    expect(stateAfter(roundBegan(['a']), { type: 'draining' }).isDraining).toBe(true);
  });
});
