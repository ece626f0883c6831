import { RestartError } from '../../lib/engine/restart-error';

describe('RestartError', () => {
  test('says the problem, then the remedy, and keeps them apart', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new RestartError('ClusterUnreachable', 'The API server cannot be reached', {
      remedy: 'check the network',
      cause,
    });
    expect({ ...error, name: error.name, message: error.message, cause: error.cause }).toEqual({
      name: 'RestartError',
      code: 'ClusterUnreachable',
      message: 'The API server cannot be reached; check the network.',
      problem: 'The API server cannot be reached',
      remedy: 'check the network',
      cause,
    });
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
