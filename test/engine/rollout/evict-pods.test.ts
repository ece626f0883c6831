import type { WorkloadObject } from '../../../lib/engine/cluster/objects';
import { replicaSet as replicaSetKind } from '../../../lib/engine/kinds/replica-set';
import { replicationController } from '../../../lib/engine/kinds/replication-controller';
import { rollOut, type RollOutOptions } from '../../../lib/engine/rollout/roll-out';
import type { EvictionTask, RollOutObserver } from '../../../lib/engine/rollout/roll-out-task';
import { IMAGE, OLD_IMAGE, owner, pod, replicaSet, type ClusterObject } from '../cluster-builder';
import { refusal, type FakeAnswer } from '../fake-api-server';
import { FakeCluster, ready, type FakeClusterOptions } from '../fake-cluster';

const AT = '2026-11-02T10:00:00.000Z';
const LABELLED = { template: { labels: { app: 'cart' } }, spec: { selector: { matchLabels: { app: 'cart' } } } };

/** A ReplicaSet whose pods are ready, except for those at the positions in `unready`. */
function cart(proxies: readonly string[], unready: readonly number[] = []): ClusterObject[] {
  const [set, ...pods] = replicaSet('cart', { ...LABELLED, proxies }) as [ClusterObject, ...ClusterObject[]];
  return [set, ...pods.map((pod, index) => (unready.includes(index) ? pod : ready(pod)))];
}

function taskFor([set, ...pods]: readonly ClusterObject[], outdated: readonly number[]): EvictionTask {
  const { namespace = '', name, uid } = (set as ClusterObject).metadata;
  return {
    ...{ kind: 'ReplicaSet', owner: replicaSetKind },
    ...{ namespace, name, uid, action: 'evict', isGateway: false, wasComplete: true, namespaceOrder: 0, order: 0 },
    outdated: outdated.map((index) => (pods[index] as ClusterObject).metadata),
  };
}

/** The API server's refusal because of a PodDisruptionBudget. */
function heldBy(budget: string): FakeAnswer {
  const message = `The disruption budget ${budget} needs 2 healthy pods and has 2 currently`;
  return {
    status: 429,
    body: {
      ...{ kind: 'Status', status: 'Failure', reason: 'TooManyRequests', code: 429 },
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: 'DisruptionBudget', message }] },
    },
  };
}

describe('evicting the pods of a workload', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  async function evict(
    objects: readonly ClusterObject[],
    task: EvictionTask,
    { observer, ...options }: RollOutOptions & { drain?: AbortSignal; observer?: RollOutObserver } = {},
    fake: FakeClusterOptions = {},
  ) {
    cluster = await FakeCluster.start(objects, fake);
    const [result] = await rollOut(await cluster.server.api(), [task], AT, options, observer);
    return [result?.outcome, result?.message];
  }

  test('evicts those that are out of date, each by its uid, once the one before it is replaced', async () => {
    const objects = cart([OLD_IMAGE, IMAGE, OLD_IMAGE]);
    const told: string[] = [];
    const observer = { onStatus: (_: unknown, message: string) => told.push(message) };
    const answer: FakeClusterOptions['intercept'] = ({ method, path }, fake) => {
      // The replacement is ready at the third look.
      const looks = fake.server.requests.filter((one) => one.path.endsWith('/pods') && one.method === 'GET').length;
      if (method === 'GET' && path.endsWith('/pods') && looks % 4 === 3) {
        fake.objects = fake.objects.map((one) => (one.kind === 'Pod' ? ready(one) : one));
      }
      return undefined;
    };
    const fates = { 'cart-0': 'hangs', 'cart-2': 'hangs' } as const;
    expect(await evict(objects, taskFor(objects, [0, 2]), { observer }, { intercept: answer, fates })).toEqual([
      'restarted',
      '',
    ]);
    expect(cluster?.evicted).toEqual(['cart-0', 'cart-2']);
    expect(told).toEqual([
      '1 of 2 outdated pods replaced, 1 pod not ready yet',
      '2 of 2 outdated pods replaced, 1 pod not ready yet',
    ]);
    const bodies = cluster?.server.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
    expect(bodies?.[0]).toEqual({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'cart-0', namespace: 'shop' },
      deleteOptions: { preconditions: { uid: 'uid-shop-cart-0' } },
    });
  });

  test('evicts those that are not ready first, and does not wait for pods that it will evict', async () => {
    const objects = cart([OLD_IMAGE, OLD_IMAGE, OLD_IMAGE], [1, 2]);
    expect(await evict(objects, taskFor(objects, [0, 1, 2]))).toEqual(['restarted', '']);
    expect(cluster?.evicted).toEqual(['cart-1', 'cart-2', 'cart-0']);
  });

  test('begins only once the others are ready', async () => {
    const objects = cart([OLD_IMAGE, IMAGE], [1]);
    expect(await evict(objects, taskFor(objects, [0]), { timeoutSeconds: 1 })).toEqual([
      'failed',
      'not complete after 1 s: 0 of 1 outdated pods replaced, 1 pod not ready yet',
    ]);
    expect(cluster?.evicted).toEqual([]);
  });

  test('evicts no further one while a replacement does not come up', async () => {
    const objects = cart([OLD_IMAGE, OLD_IMAGE]);
    const fates = { 'cart-0': 'hangs' } as const;
    expect(await evict(objects, taskFor(objects, [0, 1]), { timeoutSeconds: 1 }, { fates })).toEqual([
      'failed',
      'not complete after 1 s: 1 of 2 outdated pods replaced, 1 pod not ready yet',
    ]);
    expect(cluster?.evicted).toEqual(['cart-0']);
  });

  test('waits for a PodDisruptionBudget', async () => {
    const objects = cart([OLD_IMAGE]);
    let refusals = 0;
    const intercept: FakeClusterOptions['intercept'] = ({ path }) =>
      path.endsWith('/eviction') && refusals++ < 2 ? heldBy('cart-budget') : undefined;
    const told: string[] = [];
    const observer = { onStatus: (_: unknown, message: string) => told.push(message) };
    expect(await evict(objects, taskFor(objects, [0]), { observer }, { intercept })).toEqual(['restarted', '']);
    expect(refusals).toBe(3);
    expect(told).toEqual([
      '0 of 1 outdated pods replaced, pod cart-0 cannot be evicted yet: The disruption budget cart-budget needs 2 healthy pods and has 2 currently',
    ]);
  });

  test('fails with the name of a PodDisruptionBudget that never lets a pod go', async () => {
    const objects = cart([OLD_IMAGE]);
    const intercept: FakeClusterOptions['intercept'] = ({ path }) =>
      path.endsWith('/eviction') ? heldBy('cart-budget') : undefined;
    const [outcome, message] = await evict(objects, taskFor(objects, [0]), { timeoutSeconds: 1 }, { intercept });
    expect(outcome).toBe('failed');
    expect(message).toMatch(/^not complete after 1 s: .*The disruption budget cart-budget needs 2 healthy pods/);
    expect(cluster?.evicted).toEqual([]);
  });

  test('fails at once where several PodDisruptionBudgets select the pod', async () => {
    const objects = cart([OLD_IMAGE]);
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    const intercept: FakeClusterOptions['intercept'] = ({ path }) =>
      path.endsWith('/eviction') ? refusal(500, 'InternalError', message) : undefined;
    expect(await evict(objects, taskFor(objects, [0]), {}, { intercept })).toEqual(['failed', message]);
  });

  test.each([
    ['starts other workloads after a refused eviction', 0, 'restarted'],
    ['starts no other workload if it has evicted a pod before the refusal', 1, 'notStarted'],
  ])('%s', async (_, accepted, outcome) => {
    const objects = cart([OLD_IMAGE, OLD_IMAGE]);
    const template = { labels: { app: 'web' } };
    const spec = { selector: { matchLabels: { app: 'web' } } };
    const [set, ...pods] = replicaSet('web', { template, spec }) as [ClusterObject, ...ClusterObject[]];
    let evictions = 0;
    cluster = await FakeCluster.start([...objects, set, ...pods.map(ready)], {
      intercept: ({ path }) =>
        /\/pods\/cart-.*\/eviction$/.test(path) && evictions++ >= accepted
          ? refusal(403, 'Forbidden', 'admission webhook "policies.example.com" denied the request: no')
          : undefined,
    });
    const tasks = [taskFor(objects, [0, 1]), taskFor([set, ...pods], [0])];
    const results = await rollOut(await cluster.server.api(), tasks, AT, { maxConcurrent: 1 });
    expect(results).toMatchObject([
      { name: 'cart', outcome: 'failed' },
      { name: 'web', outcome },
    ]);
  });

  test('leaves alone what somebody else has replaced since the plan', async () => {
    const objects = cart([IMAGE]);
    const task = { ...taskFor(objects, []), outdated: [{ name: 'cart-0', uid: 'uid-before' }] };
    expect(await evict(objects, task)).toEqual(['waited', '']);
    expect(cluster?.evicted).toEqual([]);
  });

  test('leaves alone the pods of an owner that now has a controller', async () => {
    const objects = cart([OLD_IMAGE]);
    const task = taskFor(objects, [0]);
    const controller = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart', uid: 'uid', controller: true };
    const [set, ...pods] = objects as [ClusterObject, ...ClusterObject[]];
    const adopted = { ...set, metadata: { ...set.metadata, ownerReferences: [controller] } };
    expect(await evict([adopted, ...pods], task)).toEqual(['waited', '']);
    expect(cluster?.evicted).toEqual([]);
  });

  test.each([
    ['is gone', []],
    ['is another one', cart([OLD_IMAGE]).map((one) => ({ ...one, metadata: { ...one.metadata, uid: 'uid-other' } }))],
  ])('does nothing where the owner %s', async (_, objects) => {
    expect(await evict(objects, taskFor(cart([OLD_IMAGE]), [0]))).toEqual(['gone', '']);
    expect(cluster?.evicted).toEqual([]);
  });

  test('stops between two pods when the run is told to', async () => {
    const drain = new AbortController();
    const objects = cart([OLD_IMAGE, OLD_IMAGE]);
    const intercept: FakeClusterOptions['intercept'] = ({ path }) => {
      if (path.endsWith('/eviction')) {
        drain.abort();
      }
      return undefined;
    };
    expect(await evict(objects, taskFor(objects, [0, 1]), { drain: drain.signal }, { intercept })).toEqual([
      'stopped',
      'stopped on request after 1 of 2 pods were evicted',
    ]);
    expect(cluster?.evicted).toEqual(['cart-0']);
  });

  test('records its purpose on the owner, where that is permitted', async () => {
    const objects = cart([OLD_IMAGE]);
    const task = { ...taskFor(objects, [0]), annotations: { note: 'x' } };
    expect(await evict(objects, task)).toEqual(['restarted', '']);
    expect(cluster?.patches.map(({ path, body }) => [path, body])).toEqual([
      [
        '/apis/apps/v1/namespaces/shop/replicasets/cart',
        { metadata: { uid: 'uid-ReplicaSet-shop-cart', annotations: { note: 'x' } } },
      ],
    ]);
    await cluster?.close();
    const intercept: FakeClusterOptions['intercept'] = ({ method }) =>
      method === 'PATCH'
        ? refusal(403, 'Forbidden', 'replicasets "cart" is forbidden: User "ci" cannot patch resource "replicasets"')
        : undefined;
    expect(await evict(objects, task, {}, { intercept })).toEqual(['restarted', '']);
  });

  test('knows the pods of a ReplicationController by its plain selector', async () => {
    const spec = { selector: { app: 'cart' } as object };
    const [controller, ...pods] = owner('v1', 'ReplicationController', 'cart', { ...LABELLED, spec }) as [
      ClusterObject & WorkloadObject,
      ...ClusterObject[],
    ];
    const objects = [controller, ...pods.map(ready)];
    const task = { ...taskFor(objects, [0]), owner: replicationController };
    expect(await evict(objects, task)).toEqual(['restarted', '']);
    expect(cluster?.evicted).toEqual(['cart-0']);
    const lists = cluster?.server.requests.filter(({ path, method }) => method === 'GET' && path.endsWith('/pods'));
    expect(lists?.map(({ query }) => query.get('labelSelector'))).toContain('app=cart');
  });

  test('does not attribute the trouble of other pods to a ReplicationController', async () => {
    const spec = { selector: { app: 'cart' } as object };
    const [controller, ...pods] = owner('v1', 'ReplicationController', 'cart', { ...LABELLED, spec });
    const other = pod('other', { labels: { app: 'other' } });
    const crashing = {
      ...{ ...other, metadata: { ...other.metadata, creationTimestamp: '2099-01-01T00:00:00Z' } },
      status: { containerStatuses: [{ name: 'app', state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
    };
    const objects = [controller as ClusterObject, ...pods.map(ready)];
    const task = { ...taskFor(objects, [0]), owner: replicationController };
    const fates = { 'cart-0': 'hangs' } as const;
    expect(await evict([...objects, crashing], task, { timeoutSeconds: 1 }, { fates })).toEqual([
      'failed',
      'not complete after 1 s: 1 of 1 outdated pods replaced, 1 pod not ready yet',
    ]);
  });
});
