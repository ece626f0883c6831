import { planRestarts } from '../../../lib/engine/run/plan-restarts';
import { removeSidecars, restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import {
  deployment,
  IMAGE,
  namespace,
  OLD_IMAGE,
  owner,
  pod,
  replicaSet,
  type ClusterObject,
} from '../cluster-builder';
import { FakeCluster, ready, type FakeClusterOptions } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

const LABELLED = { template: { labels: { app: 'cart' } }, spec: { selector: { matchLabels: { app: 'cart' } } } };
const allReady = (objects: readonly ClusterObject[]) => objects.map((one) => (one.kind === 'Pod' ? ready(one) : one));
const CART = allReady(replicaSet('cart', { ...LABELLED, proxies: [OLD_IMAGE, IMAGE, OLD_IMAGE] }));
const OLD = allReady(
  owner('v1', 'ReplicationController', 'old', {
    template: { labels: { app: 'old' } },
    spec: { selector: { app: 'old' } as object },
  }),
);

describe('restartWorkloads, told to evict', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  const allowing = (allows: boolean): FakeClusterOptions['intercept'] => {
    return ({ path, body }) => {
      const { spec } = (body ?? {}) as { spec?: { resourceAttributes?: { subresource?: string } } };
      return path.endsWith('/selfsubjectaccessreviews') && spec?.resourceAttributes?.subresource === 'eviction'
        ? { body: { status: { allowed: allows } } }
        : undefined;
    };
  };

  test('updates pods that no rollout replaces, and a second run finds nothing to do', async () => {
    const bare = pod('debug', { proxy: OLD_IMAGE });
    const fake = (cluster = await startMesh([...CART, ...OLD, ...deployment('web'), bare]));
    const options = optionsFor(fake, { evict: true });
    const report = await restartWorkloads(options);
    expect(report.restarted.map(({ kind, name, method }) => [kind, name, method])).toEqual([
      ['Deployment', 'web', undefined],
      ['ReplicaSet', 'cart', 'eviction'],
      ['ReplicationController', 'old', 'eviction'],
    ]);
    expect(report.warnings.map(({ reason }) => reason)).toEqual(['BarePod']);
    expect([...fake.evicted].sort()).toEqual(['cart-0', 'cart-2', 'old-0']);
    expect(await restartWorkloads(options)).toMatchObject({ rounds: 0, restarted: [] });
    expect(fake.evicted).toHaveLength(3);
  });

  test('drained between two pods, names the workload as started, because one of them is evicted', async () => {
    const drain = new AbortController();
    const intercept: FakeClusterOptions['intercept'] = ({ path }) => {
      if (path.endsWith('/eviction')) {
        drain.abort();
      }
      return undefined;
    };
    const fake = (cluster = await startMesh(CART, { intercept }));
    await expect(restartWorkloads(optionsFor(fake, { evict: true, drain: drain.signal }))).rejects.toMatchObject({
      code: 'Aborted',
      done: { restarted: [], begun: ['ReplicaSet shop/cart'], notStarted: [] },
      message: 'Stopped on request; run again to continue. Started, but not confirmed complete: ReplicaSet shop/cart.',
    });
    expect(fake.evicted).toEqual(['cart-0']);
  });

  test('evicts nothing without the option, or in a plan', async () => {
    const fake = (cluster = await startMesh([...CART, ...OLD]));
    expect((await restartWorkloads(optionsFor(fake))).warnings.map(({ reason }) => reason)).toEqual([
      'BareReplicaSet',
      'ReplicationController',
    ]);
    expect((await planRestarts(optionsFor(fake, { evict: true }))).summary.restart).toBe(2);
    expect(fake.evicted).toEqual([]);
  });

  test('begins nothing without the permission', async () => {
    const fake = (cluster = await startMesh([...CART, ...deployment('web')], { intercept: allowing(false) }));
    await expect(restartWorkloads(optionsFor(fake, { evict: true }))).rejects.toMatchObject({ code: 'Forbidden' });
    expect([fake.evicted, fake.patches]).toEqual([[], []]);
  });

  test('needs no such permission where it evicts nothing', async () => {
    const fake = (cluster = await startMesh(deployment('web'), { intercept: allowing(false) }));
    expect((await restartWorkloads(optionsFor(fake, { evict: true }))).counts.restarted).toBe(1);
  });

  test.each([true, false])(
    'evicts nothing again that it did not change, the injector asked alone: %s',
    async (relays) => {
      const random: FakeClusterOptions['inject'] = (asked) => ({
        ...asked,
        spec: { ...asked.spec, containers: [{ name: 'istio-proxy', image: `proxy:${String(Math.random())}` }] },
      });
      const fake = (cluster = await startMesh(CART, { inject: random, relays }));
      const options = optionsFor(fake, { evict: true });
      const reasons = async () => (await restartWorkloads(options)).undetermined.map(({ reason }) => reason);
      expect(await reasons()).toEqual(['RestartWithoutEffect']);
      expect(fake.evicted).toEqual(['cart-0', 'cart-1', 'cart-2']);
      expect(await reasons()).toEqual(['RestartWithoutEffect']);
      expect(fake.evicted).toHaveLength(3);
    },
  );

  test('takes sidecars away in the same way once nothing injects them', async () => {
    const fake = (cluster = await FakeCluster.start([namespace('shop'), ...CART]));
    expect((await removeSidecars(optionsFor(fake, { evict: true }))).restarted).toMatchObject([
      { name: 'cart', method: 'eviction' },
    ]);
    expect(fake.evicted).toEqual(['cart-0', 'cart-1', 'cart-2']);
  });
});
