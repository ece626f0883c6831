import { KubernetesApi } from '../../../lib/engine/cluster/api';
import type { RunEvent } from '../../../lib/engine/run/run-event';
import { planRemoval, planRestarts } from '../../../lib/engine/run/plan-restarts';
import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { daemonSet, deployment, IMAGE, meshNamespace, statefulSet } from '../cluster-builder';
import { refusal } from '../fake-api-server';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { INJECTOR, optionsFor, startMesh } from '../fake-mesh';

describe('a restart with credentials that may create pods nowhere', () => {
  let cluster: FakeCluster;

  afterEach(() => cluster.close());

  const fleet = [...deployment('cart'), ...statefulSet('db'), ...daemonSet('agent')];

  test('brings everything up to date after an upgrade, and nothing twice', async () => {
    cluster = await startMesh(fleet, { dryRunsIn: [] });
    const { restarted } = await restartWorkloads(optionsFor(cluster));
    expect(restarted.map(({ name }) => name)).toEqual(['agent', 'cart', 'db']);
    const patches = cluster.patches.length;
    const { counts, rounds } = await restartWorkloads(optionsFor(cluster));
    expect([counts.restarted, counts.current, rounds]).toEqual([0, 3, 0]);
    expect(cluster.patches).toHaveLength(patches);
  });

  test('waits for an injector that cannot be reached at first', async () => {
    const pause = jest.spyOn(KubernetesApi.prototype, 'pause').mockResolvedValue();
    let refusals = 0;
    // Two probes fail, with six attempts each.
    const intercept: FakeClusterOptions['intercept'] = ({ path }) => {
      const isRefused = path.includes('/proxy/') && refusals < 12;
      refusals += Number(isRefused);
      return isRefused ? refusal(503, 'ServiceUnavailable', 'no endpoints available') : undefined;
    };
    cluster = await startMesh(fleet, { dryRunsIn: [], intercept });
    const waits: string[] = [];
    const injector = { ...INJECTOR, deadlineSeconds: 20 };
    const onEvent = (event: RunEvent) => event.type === 'waiting' && waits.push(event.message);
    const { summary } = await planRestarts(optionsFor(cluster, { injector, onEvent }));
    expect(summary.restart).toBe(3);
    expect(waits).toEqual([
      expect.stringContaining('the injector cannot be asked alone: the API server cannot relay to Service'),
    ]);
    pause.mockRestore();
  });

  test('says once in which namespaces the injector alone was asked', async () => {
    const objects = [...fleet, meshNamespace('other'), ...deployment('x', { namespace: 'other', proxies: [IMAGE] })];
    cluster = await startMesh(objects, { dryRunsIn: ['other'] });
    expect((await planRestarts(optionsFor(cluster))).notes).toEqual([
      'fields that others besides the injector may set are undetermined, since the credentials may not create pods, not even as a dry run, in namespace shop',
    ]);
  });

  test('has no such note where dry runs are granted', async () => {
    cluster = await startMesh(fleet);
    expect((await planRestarts(optionsFor(cluster))).notes).toBeUndefined();
  });

  test('removes sidecars where Istio is gone', async () => {
    cluster = await startMesh(fleet, { dryRunsIn: [] });
    cluster.objects = cluster.objects.filter(({ kind }) => kind !== 'MutatingWebhookConfiguration');
    const { workloads } = await planRemoval(optionsFor(cluster));
    expect(workloads.map(({ decision }) => decision)).toEqual(['restart', 'restart', 'restart']);
  });
});
