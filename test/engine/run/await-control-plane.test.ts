import { awaitControlPlane } from '../../../lib/engine/run/await-control-plane';
import type { FakeCluster } from '../fake-cluster';
import { BROKEN_CANARY, CANARY_INJECTOR, optionsFor, startMesh, WEBHOOK } from '../fake-mesh';

describe('awaitControlPlane', () => {
  let cluster: FakeCluster;

  beforeEach(async () => {
    cluster = await startMesh(BROKEN_CANARY);
  });

  afterEach(() => cluster.close());

  const wait = (injectors?: readonly string[]) => awaitControlPlane({ ...optionsFor(cluster), injectors });

  test('waits only for the named control planes', async () => {
    await expect(wait([WEBHOOK.metadata.name])).resolves.toBeUndefined();
    await expect(wait([CANARY_INJECTOR])).rejects.toMatchObject({ code: 'ControlPlaneNotReady' });
    await expect(wait([WEBHOOK.metadata.name, CANARY_INJECTOR])).rejects.toMatchObject({
      code: 'ControlPlaneNotReady',
    });
  });

  test.each<[string, readonly string[] | undefined]>([
    ['none is named', undefined],
    ['the list is empty', []],
    ['a name is that of a configuration without injection webhooks', ['other']],
  ])('waits for all control planes if %s', async (_, injectors) => {
    await expect(wait(injectors)).rejects.toMatchObject({ code: 'ControlPlaneNotReady' });
  });

  test('fails if the cluster has no injection webhook', async () => {
    cluster.objects = cluster.objects.filter(({ kind }) => kind !== 'MutatingWebhookConfiguration');
    await expect(wait([WEBHOOK.metadata.name])).rejects.toMatchObject({ code: 'InjectorMissing' });
  });
});
