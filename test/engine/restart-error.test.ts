import { RestartError, type RestartErrorCode, type RestartProgress } from '../../lib/engine/restart-error';

describe('RestartError', () => {
  test('says the problem, then the remedy, and keeps them apart', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new RestartError('ClusterUnreachable', 'The API server cannot be reached', {
      remedy: 'check the network',
      cause,
    });
    expect({ ...(error as object), name: error.name, message: error.message, cause: error.cause }).toEqual({
      name: 'RestartError',
      code: 'ClusterUnreachable',
      message: 'The API server cannot be reached; check the network.',
      problem: 'The API server cannot be reached',
      remedy: 'check the network',
      cause,
      done: undefined,
    });
  });

  test.each<[string, RestartErrorCode, Partial<RestartProgress>, string]>([
    ['nothing', 'ClusterUnreachable', {}, 'Nothing was restarted.'],
    ['nothing yet', 'Aborted', { notStarted: ['a'] }, 'Nothing was restarted. Not started: a.'],
    ['something', 'Forbidden', { restarted: ['a', 'b'] }, 'Restarted before the error: a, b.'],
    [
      'something, and begun more',
      'Aborted',
      { restarted: ['a'], begun: ['b'], notStarted: ['c'] },
      'Restarted before the error: a. Started, but not confirmed complete: b. Not started: c.',
    ],
    [
      'what its problem names',
      'RolloutFailed',
      { restarted: ['a'], begun: ['b'], notStarted: ['c'] },
      'Restarted before the error: a.',
    ],
  ])('of a restart that had done %s says so in its message, and has it as data', (_, code, some, said) => {
    const done = { restarted: [], begun: [], notStarted: [], ...some };
    const cause = new Error('ECONNREFUSED');
    const error = new RestartError(code, 'It went wrong', { remedy: 'run again', cause }).after(done);
    const { message, problem, remedy } = error;
    expect({ message, problem, remedy, cause: error.cause, done: error.done }).toEqual({
      ...{ message: `It went wrong; run again. ${said}`, problem: 'It went wrong', remedy: 'run again', cause, done },
    });
    expect(error.stack?.split('\n')[0]).toBe(`RestartError: ${message}`);
    expect(error.stack).toContain(__filename);
    expect(new RestartError(code, 'All is said.').after(done).message).toBe(`All is said. ${said}`);
  });

  test('says its problem alone where no remedy is a clause of its own', () => {
    const error = new RestartError('KubeconfigInvalid', 'The kubeconfig has no context "a"; it has "b".');
    expect([error.message, error.problem, error.remedy, 'cause' in error]).toEqual([
      'The kubeconfig has no context "a"; it has "b".',
      'The kubeconfig has no context "a"; it has "b".',
      undefined,
      false,
    ]);
  });
});
