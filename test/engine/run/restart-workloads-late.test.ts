import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { daemonSet, deployment, meshNamespace, owner, statefulSet, type ClusterObject } from '../cluster-builder';
import { refusal } from '../fake-api-server';
import type { FakeCluster } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

const tenant = { namespace: 'tenant' };

describe('a restart beside a namespace whose admission is slow', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  const isOfTenant = (path: string) => path === '/api/v1/namespaces/tenant/pods';

  async function report(objects: readonly ClusterObject[]) {
    cluster = await startMesh([meshNamespace('tenant'), ...objects, ...deployment('cart'), ...deployment('web')], {
      intercept: ({ method, path }) =>
        method === 'POST' && isOfTenant(path)
          ? refusal(504, 'Timeout', 'request did not complete within requested timeout')
          : undefined,
    });
    return restartWorkloads(optionsFor(cluster));
  }

  test.each<[string, ClusterObject[]]>([
    ['Deployment', deployment('slow', tenant)],
    ['StatefulSet', statefulSet('slow', tenant)],
    ['DaemonSet', daemonSet('slow', tenant)],
    ['Job', owner('batch/v1', 'Job', 'slow', tenant)],
  ])('goes on, and leaves a %s of it undetermined', async (kind, objects) => {
    const { restarted, undetermined } = await report(objects);
    expect(restarted.map(({ name }) => name)).toEqual(['cart', 'web']);
    expect(undetermined).toMatchObject([{ kind, name: 'slow', reason: 'DryRunDenied' }]);
    expect(undetermined[0]?.message).toContain('admission took too long, for example because of a slow webhook');
  });

  test('does not wait for each of many workloads of it', async () => {
    const many = Array.from({ length: 60 }, (_, index) => deployment(`slow-${String(index)}`, tenant)).flat();
    const { counts, undetermined } = await report(many);
    expect(counts).toMatchObject({ restarted: 2, undetermined: 60 });
    // A run plans twice: before the restart, and once more to check the result.
    expect(cluster?.server.requests.filter(({ path }) => isOfTenant(path)).length).toBeLessThan(2 * 2 * 16);
    expect(undetermined.at(-1)?.message).toContain('the injector was not asked');
  });
});
