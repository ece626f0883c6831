import { refuseUnknownNamespaces } from '../../../lib/engine/run/known-namespaces';
import { namespace } from '../cluster-builder';
import { refusal } from '../fake-api-server';
import { FakeCluster } from '../fake-cluster';

const NAMES = Array.from({ length: 12 }, (_, index) => `n${String(index).padStart(2, '0')}`);

describe('refuseUnknownNamespaces', () => {
  let cluster: FakeCluster;
  let intercept: () => ReturnType<typeof refusal> | undefined = () => undefined;
  const check = (...namespaces: readonly string[]) =>
    refuseUnknownNamespaces({ kubeconfig: cluster.server.kubeconfig, namespaces });

  beforeAll(async () => {
    cluster = await FakeCluster.start(NAMES.map((name) => namespace(name)).reverse(), { intercept: () => intercept() });
  });

  afterAll(() => cluster.close());

  test('asks nothing where none are chosen', async () => {
    await refuseUnknownNamespaces({ kubeconfig: '/nowhere' });
    await check();
    expect(cluster.server.requests).toEqual([]);
  });

  test('accepts those that exist', async () => {
    await check('n03', 'n11');
  });

  test('names those that do not exist, and some that do', async () => {
    await expect(check('n03', 'm03', 'n12')).rejects.toMatchObject({
      code: 'InvalidOption',
      message:
        'The cluster of context "fake" has no namespaces m03, n12; it has n00, n01, n02, n03, n04, n05, n06, n07, n08, n09 and 2 more.',
    });
  });

  test('names the missing permission where it may not read namespaces', async () => {
    const message =
      'namespaces is forbidden: User "u" cannot list resource "namespaces" in API group "" at the cluster scope';
    intercept = () => refusal(403, 'Forbidden', message);
    await expect(check('n03')).rejects.toMatchObject({
      code: 'Forbidden',
      message: `The cluster refuses GET /api/v1/namespaces: ${message}; grant the verb list on namespaces, as a SidecarRestartAccess does (see Permissions in the README).`,
    });
  });
});
