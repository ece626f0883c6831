import { uninstalling } from '../../../lib/engine/report/uninstalling';
import { RestartError, type RestartErrorCode } from '../../../lib/engine/restart-error';

const kubeconfig = JSON.stringify({
  ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'east' },
  clusters: [{ name: 'one', cluster: { server: 'https://me:secret@127.0.0.1:6443/' } }],
  users: [{ name: 'me', user: { token: 'token' } }],
  contexts: [{ name: 'east', context: { cluster: 'one', user: 'me' } }],
});
const PLACE = 'https://127.0.0.1:6443 (context east)';

function messageOf(code: RestartErrorCode, problem: string, remedy?: string, stack?: string): Promise<unknown> {
  return uninstalling({ kubeconfig, stack }, () =>
    Promise.reject(new RestartError(code, problem, remedy === undefined ? {} : { remedy })),
  ).catch((error: unknown) => (error instanceof RestartError ? [error.code, error.message] : error));
}

describe('uninstalling', () => {
  test('passes the names of stack and cluster to its work, without credentials', async () => {
    const place = await uninstalling({ kubeconfig, stack: 'shop/dev' }, (given) => Promise.resolve(given));
    expect(place).toEqual({ stack: 'shop/dev', cluster: PLACE });
  });

  test('names them in an error, and says to uninstall again', async () => {
    expect(await messageOf('RolloutFailed', '1 of 2 rollouts failed.', 'see its pods', 'shop/dev')).toEqual([
      'RolloutFailed',
      `Stack shop/dev, cluster ${PLACE}: the uninstall of Istio stopped: 1 of 2 rollouts failed; see its pods, and uninstall again.`,
    ]);
  });

  test('has a remedy for an error without one, and goes without a stack', async () => {
    expect(await messageOf('ClusterUnreachable', 'it is away')).toEqual([
      'ClusterUnreachable',
      `Cluster ${PLACE}: the uninstall of Istio stopped: it is away; fix this, and uninstall again.`,
    ]);
  });

  test('does not change the words of a refusal', async () => {
    expect(await messageOf('ForeignResources', 'Istio is not uninstalled: a', 'delete it first', 'shop/dev')).toEqual([
      'ForeignResources',
      `Stack shop/dev, cluster ${PLACE}: Istio is not uninstalled: a; delete it first.`,
    ]);
  });

  test('leaves other errors as they are', async () => {
    const error = new Error('a bug');
    await expect(uninstalling({ kubeconfig }, () => Promise.reject(error))).rejects.toBe(error);
  });
});
