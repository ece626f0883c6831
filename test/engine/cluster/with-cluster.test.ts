import { getEventListeners } from 'node:events';
import { withCluster } from '../../../lib/engine/cluster/with-cluster';
import { FakeApiServer, refusal } from '../fake-api-server';
import { FakeCluster } from '../fake-cluster';

describe('withCluster', () => {
  let cluster: FakeCluster;

  beforeEach(async () => {
    cluster = await FakeCluster.start([]);
  });

  afterEach(() => cluster.close());

  test('listens once to the signal of the caller, however many requests are under way', async () => {
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, 'abort').length;
    await withCluster({ kubeconfig: cluster.server.kubeconfig, signal }, async (api) => {
      const requests = Array.from({ length: 20 }, () => api.get('/api/v1/namespaces'));
      expect(listeners()).toBe(1);
      await Promise.all(requests);
    });
    expect(listeners()).toBe(0);
  });

  test('reports a refusal by admission with the status of the answer', async () => {
    const message = 'admission webhook "policies.example.com" denied the request: no';
    const server = await FakeApiServer.start(() => refusal(422, 'Invalid', message));
    const path = '/api/v1/namespaces/shop/configmaps/one';
    const work = withCluster({ kubeconfig: server.kubeconfig }, (api) => api.mergePatch(path, {}, 'me'));
    await expect(work).rejects.toMatchObject({
      ...{ code: 'UnexpectedAnswer', problem: `The API server refuses PATCH ${path} with status 422: ${message}` },
    });
    await server.close();
  });

  test('ends with the signal of the caller, before or in the middle of the work', async () => {
    const early = AbortSignal.abort();
    const kubeconfig = cluster.server.kubeconfig;
    await expect(withCluster({ kubeconfig, signal: early }, (api) => api.get('/version'))).rejects.toMatchObject({
      code: 'Aborted',
    });
    const late = new AbortController();
    const work = withCluster({ kubeconfig, signal: late.signal }, async (api) => {
      late.abort();
      return api.get('/version');
    });
    await expect(work).rejects.toMatchObject({ code: 'Aborted' });
  });
});
