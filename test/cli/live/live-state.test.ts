import { doneOf } from '../../../lib/cli/live/live-state';
import { began, due, ended, roundBegan, shop, stateAfter, status, waiting } from './events';

describe('the state of a run', () => {
  test('says what the run waits for before anything rolls out', () => {
    expect(stateAfter().doing).toBe('checking which sidecars are out of date');
    expect(stateAfter(waiting('istiod is not ready')).doing).toBe('istiod is not ready');
    expect(stateAfter(waiting('istiod is not ready'), { type: 'reading' }).doing).toBe(
      'checking which sidecars are out of date',
    );
  });

  test('has the rollouts under way, each with its last status', () => {
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

  test('distinguishes workloads of one name by kind and namespace', () => {
    const state = stateAfter(
      roundBegan(['a']),
      { type: 'rolloutBegan', workload: { ...shop('a'), kind: 'StatefulSet' }, action: 'restart' },
      { type: 'rolloutBegan', workload: { ...shop('a'), namespace: 'legacy' }, action: 'restart' },
      began('a'),
      ended('a'),
    );
    expect(state.underWay).toHaveLength(2);
  });

  test('counts workloads that are done, also those that were never started', () => {
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

  test('has no round once all of its workloads are done', () => {
    const state = stateAfter(roundBegan(['a']), began('a'), ended('a'));
    expect(state).toMatchObject({ due: [], doing: 'checking whether anything is still out of date' });
    expect(state.ended).toEqual([ended('a')]);
  });

  test('starts each round at zero, and keeps what ended before', () => {
    const state = stateAfter(roundBegan(['a']), ended('a'), roundBegan(['b', 'c'], 2), began('b'), ended('b'));
    expect(doneOf(state)).toBe(1);
    expect(state.round).toBe(2);
    expect(state.ended).toEqual([ended('a'), ended('b')]);
  });

  test('says that the run is being drained', () => {
    expect(stateAfter(roundBegan(['a'])).isDraining).toBe(false);
    expect(stateAfter(roundBegan(['a']), { type: 'draining' }).isDraining).toBe(true);
  });
});
