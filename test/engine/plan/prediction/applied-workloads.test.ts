import type { WorkloadObject } from '../../../../lib/engine/cluster/objects';
import { makePlan } from '../../../../lib/engine/plan/make-plan';
import type { PlanOptions } from '../../../../lib/engine/plan/plan-options';
import {
  appliedSnapshot,
  readAppliedWorkloads,
  withOwnRollouts,
} from '../../../../lib/engine/plan/prediction/applied-workloads';
import type { LiveMetadata, Manifest } from '../../../../lib/engine/plan/prediction/manifest';
import { readSnapshot } from '../../../../lib/engine/snapshot/read-snapshot';
import { sidecarOf } from '../../../../lib/engine/injector/sidecar';
import {
  deployment,
  IMAGE,
  injected,
  meshNamespace,
  OLD_IMAGE,
  pod,
  type WorkloadOptions,
} from '../../cluster-builder';
import { FakeCluster } from '../../fake-cluster';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const OPTIONS: PlanOptions = { purpose: 'update', now: new Date('2026-01-01T00:00:00Z') };

let cluster: FakeCluster | undefined;

afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
});

const manifestOf = (fields: object, name = 'cart', apiVersion = 'apps/v1'): Manifest => ({
  ...{ apiVersion, kind: 'Deployment' },
  ...fields,
  metadata: { name, namespace: 'shop', ...(fields as Partial<Manifest>).metadata },
});

/** A workload with another image of the application. */
const CHANGED = { spec: { template: { spec: { containers: [{ name: 'app', image: 'app:2' }] } } } };

/** The snapshot as it will be once these manifests are applied, and the paths that are read for it. */
async function applied(manifests: readonly Manifest[], options: WorkloadOptions = {}, shop = meshNamespace('shop')) {
  cluster = await FakeCluster.start([shop, ...deployment('cart', options), ...deployment('orders')]);
  const api = await cluster.server.api();
  const snapshot = await readSnapshot(api);
  const before = cluster.server.requests.length;
  const live = await readAppliedWorkloads(api, snapshot, manifests);
  const read = cluster.server.requests.slice(before).map(({ path }) => path);
  const namespaces = new Map<string, LiveMetadata>([
    ['shop', { labels: { 'istio-injection': 'enabled' }, annotations: shop.metadata.annotations ?? {} }],
  ]);
  return { snapshot: appliedSnapshot(snapshot, { namespaces }, manifests, live), read };
}

/** The plan for that snapshot, in which every sidecar is out of date. */
async function planned(manifests: readonly Manifest[], options: WorkloadOptions = {}, shop = meshNamespace('shop')) {
  const { snapshot } = await applied(manifests, options, shop);
  const sidecar = sidecarOf(injected(pod('cart') as never, IMAGE));
  const answers = new Map(snapshot.workloads.map(({ reference }) => [reference.uid, { sidecar }]));
  const { workloads } = withOwnRollouts(makePlan(snapshot, answers, OPTIONS), snapshot, manifests, OPTIONS);
  return workloads;
}

const decisions = async (...args: Parameters<typeof planned>) =>
  (await planned(...args)).map(({ name, decision }) => `${name} ${decision}`);

describe('what manifests say of workloads', () => {
  test('is read only for workloads that they contain', async () => {
    const { read } = await applied([manifestOf({}), manifestOf({}, 'elsewhere')]);
    expect(read).toEqual(['/apis/apps/v1/namespaces/shop/deployments/cart']);
  });

  test('sets their labels and annotations, keeps those of others, and removes those of an earlier apply', async () => {
    const record = JSON.stringify({ metadata: { labels: { old: '1' }, annotations: { 'istio-module/window': 'x' } } });
    const { snapshot } = await applied([manifestOf({ metadata: { labels: { tier: 'web' } } })], {
      labels: { team: 'a', old: '1' },
      annotations: { 'istio-module/order': '3', 'istio-module/window': 'x', [LAST_APPLIED]: record },
    });
    const [cart, orders] = snapshot.workloads;
    expect(cart?.labels).toEqual({ team: 'a', tier: 'web' });
    expect(cart?.settings).toEqual({ excluded: false, order: 3, problems: [] });
    expect(orders?.labels).toEqual({});
  });

  test('does not apply to an object of another group with the same name', async () => {
    const metadata = { annotations: { 'istio-module/restart': 'disabled' } };
    expect(await decisions([manifestOf({ metadata }, 'cart', 'apps.kruise.io/v1')])).toEqual([
      'cart restart',
      'orders restart',
    ]);
    await cluster?.close();
    expect(await decisions([manifestOf({ metadata })])).toEqual(['cart skip', 'orders restart']);
  });
});

describe('what manifests roll by themselves', () => {
  test('is waited for', async () => {
    const [cart] = await planned([manifestOf(CHANGED)], { proxies: [OLD_IMAGE, OLD_IMAGE] });
    expect(cart).toMatchObject({
      ...{ decision: 'wait', reason: 'RollingOut', remedy: '', pods: ['cart-1-0', 'cart-1-1'] },
      message:
        'its own pod template changes in the manifests, so its controller replaces its pods once they are applied',
    });
  });

  test('is waited for outside of its maintenance window, too', async () => {
    const [cart] = await planned([manifestOf(CHANGED)], {
      annotations: { 'istio-module/window': 'Sun 00:00-01:00' },
    });
    expect(cart?.decision).toBe('wait');
    expect(cart).not.toHaveProperty('deferredUntil');
  });

  test('is waited for where only seamless restarts are wanted, too, since no run decides about it', async () => {
    const { snapshot } = await applied([manifestOf(CHANGED)]);
    const sidecar = sidecarOf(injected(pod('cart') as never, IMAGE));
    const answers = new Map(snapshot.workloads.map(({ reference }) => [reference.uid, { sidecar }]));
    const options = { ...OPTIONS, onlySeamless: true };
    const plan = withOwnRollouts(makePlan(snapshot, answers, options), snapshot, [manifestOf(CHANGED)], options);
    expect(plan.workloads.map(({ name, decision }) => `${name} ${decision}`)).toEqual(['cart wait', 'orders deferred']);
    expect(plan.workloads[0]).not.toHaveProperty('interruption');
  });

  test.each<[string, object]>([
    ['whose template stays', { spec: { template: { spec: { containers: [{ name: 'app', image: 'app' }] } } } }],
    ['whose manifest has no template', { spec: {} }],
    ['whose manifest has no spec', { spec: null }],
    ['whose manifest is nonsense', { spec: 'template' }],
  ])('does not include a workload %s', async (_, fields) => {
    expect(await decisions([manifestOf(fields)])).toEqual(['cart restart', 'orders restart']);
  });

  test('does not include a workload that is paused', async () => {
    const template: WorkloadObject['spec']['template'] = { spec: { containers: [{ name: 'app', image: 'app' }] } };
    expect(await decisions([manifestOf(CHANGED)], { spec: { template, paused: true } })).toEqual([
      'cart warn',
      'orders restart',
    ]);
  });
});
