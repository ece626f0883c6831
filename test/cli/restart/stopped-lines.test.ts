import { stoppedLines } from '../../../lib/cli/restart/stopped-lines';
import { began, ended, roundBegan, stateAfter } from '../live/events';

const GO_ON = 'To continue, run the same command again. It skips workloads that are up to date by then.';

describe('the summary of a run that was stopped', () => {
  test('says that nothing was restarted if nothing was rolled out', () => {
    expect(stoppedLines(stateAfter())).toEqual(['Stopped on request: nothing was restarted.']);
  });

  test('lists what was restarted, failed or not started if the run was drained', () => {
    const state = stateAfter(
      roundBegan(['a']),
      ended('a'),
      roundBegan(['b', 'c', 'd'], 2),
      began('b'),
      { type: 'draining' },
      ended('c', 'notStarted', 'not started, since the run was told to stop'),
      ended('d', 'notStarted', 'not started, since the run was told to stop'),
      ended('b', 'failed', 'progress deadline\nexceeded'),
    );
    expect(stoppedLines(state)).toEqual([
      'Stopped on request.',
      'Restarted (1):',
      '  Deployment shop/a',
      'Failed (1):',
      '  Deployment shop/b: progress deadline exceeded',
      'Not started (2):',
      '  Deployment shop/c',
      '  Deployment shop/d',
      GO_ON,
    ]);
  });

  test('says how far a workload came whose pods are replaced one by one', () => {
    const state = stateAfter(
      roundBegan(['a', 'b']),
      began('a'),
      { type: 'draining' },
      ended('a', 'stopped', 'stopped on request after 1 of 2 pods were evicted'),
      ended('b', 'notStarted', 'not started, since the run was told to stop'),
    );
    expect(stoppedLines(state)).toEqual([
      'Stopped on request.',
      'Stopped after some of their pods (1):',
      '  Deployment shop/a: stopped on request after 1 of 2 pods were evicted',
      'Not started (1):',
      '  Deployment shop/b',
      GO_ON,
    ]);
  });

  test('also lists what is still under way if the run exited at once', () => {
    const state = stateAfter(
      roundBegan(['a', 'b', 'c', 'd']),
      began('a'),
      ended('a', 'waited'),
      began('c'),
      began('b'),
    );
    expect(stoppedLines(state)).toEqual([
      'Stopped on request.',
      'Waited for (1):',
      '  Deployment shop/a',
      'Still under way, and continuing on their own (2):',
      '  Deployment shop/b',
      '  Deployment shop/c',
      'Not started (1):',
      '  Deployment shop/d',
      GO_ON,
    ]);
  });
});
