import { deployment as deploymentOwner } from '../../lib/restart/owners/deployment';
import { rollOut, type RollOutOptions, type RollOutTask } from '../../lib/restart/roll-out';
import { refusal } from './fake-api-server';
import { deployment, pod } from './cluster-builder';
import { FakeCluster, type FakeClusterOptions } from './fake-cluster';

const RESTARTED_AT = '2026-11-02T10:00:00.000Z';

function taskFor(name: string, action: RollOutTask['action'] = 'restart'): RollOutTask {
  const uid = `uid-Deployment-shop-${name}`;
  return { owner: deploymentOwner, namespace: 'shop', name, uid, action, isGateway: false, order: 0 };
}

describe('rollOut', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  async function roll(tasks: readonly RollOutTask[], options: RollOutOptions = {}, fake: FakeClusterOptions = {}) {
    cluster = await FakeCluster.start(
      ['a', 'b', 'c'].flatMap((name) => deployment(name)),
      fake,
    );
    const results = await rollOut(await cluster.server.api(), tasks, RESTARTED_AT, options);
    return results.map(({ name, outcome, message }) => ({ name, outcome, message }));
  }

  test('restarts each workload once', async () => {
    expect(await roll([taskFor('a'), taskFor('b')])).toEqual([
      { name: 'a', outcome: 'restarted', message: '' },
      { name: 'b', outcome: 'restarted', message: '' },
    ]);
    expect(cluster?.patched).toEqual(['shop/a', 'shop/b']);
  });

  test('waits for a rollout of somebody else without a patch', async () => {
    expect(await roll([taskFor('a', 'wait')])).toEqual([{ name: 'a', outcome: 'waited', message: '' }]);
    expect(cluster?.patches).toEqual([]);
  });

  test('keeps no more rollouts under way than it may', async () => {
    let underWay = 0;
    let most = 0;
    const fake: FakeClusterOptions = {
      intercept: ({ method }) => {
        underWay += method === 'PATCH' ? 1 : 0;
        most = Math.max(most, underWay);
        underWay -= method === 'GET' ? 1 : 0;
        return undefined;
      },
    };
    await roll([taskFor('a'), taskFor('b'), taskFor('c')], { maxConcurrent: 2 }, fake);
    expect(most).toBe(2);
  });

  test('fails a workload whose progress deadline has passed, and starts no further one', async () => {
    expect(await roll([taskFor('a'), taskFor('b')], { maxConcurrent: 1 }, { fates: { a: 'fails' } })).toEqual([
      {
        name: 'a',
        outcome: 'failed',
        message: 'progress deadline exceeded: ReplicaSet has timed out progressing.',
      },
      { name: 'b', outcome: 'notStarted', message: 'not started, since an earlier rollout failed' },
    ]);
    expect(cluster?.patched).toEqual(['shop/a']);
  });

  test('goes on after a failure when told so', async () => {
    const options = { maxConcurrent: 1, onFailure: 'continue' } as const;
    expect(await roll([taskFor('a'), taskFor('b')], options, { fates: { a: 'fails' } })).toMatchObject([
      { outcome: 'failed' },
      { outcome: 'restarted' },
    ]);
  });

  test('fails a workload that is not done in time, with what is missing', async () => {
    expect(await roll([taskFor('a')], { timeoutSeconds: 0.1 }, { fates: { a: 'hangs' } })).toEqual([
      { name: 'a', outcome: 'failed', message: 'not done after 0.1 s: its controller has not seen the change yet' },
    ]);
  });

  test('fails a workload whose pods tell why they stand still, before its time is up', async () => {
    const stuck = pod('a-new', { labels: { app: 'a' } });
    const status = {
      containerStatuses: [{ name: 'app', state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } } }],
    };
    const intercept: FakeClusterOptions['intercept'] = ({ path }) =>
      path.endsWith('/pods')
        ? { body: { items: [{ ...stuck, metadata: { ...stuck.metadata, creationTimestamp: RESTARTED_AT }, status }] } }
        : undefined;
    const options = { timeoutSeconds: 60, stuckSeconds: 0 };
    cluster = await FakeCluster.start(deployment('a', { status: { updatedReplicas: 0 } }), { intercept });
    const [result] = await rollOut(await cluster.server.api(), [taskFor('a', 'wait')], RESTARTED_AT, options);
    expect(result).toMatchObject({
      outcome: 'failed',
      message: 'stands still: 0 of 1 replicas updated; pod a-new: container app is in CrashLoopBackOff: back-off 40s',
    });
  });

  test("starts nothing after the run's deadline, and waits for nothing", async () => {
    const options = { maxConcurrent: 1, onFailure: 'continue', deadlineSeconds: 0.1 } as const;
    expect(await roll([taskFor('a'), taskFor('b')], options, { fates: { a: 'hangs' } })).toEqual([
      {
        name: 'a',
        outcome: 'failed',
        message: "not done when the run's deadline passed: its controller has not seen the change yet",
      },
      { name: 'b', outcome: 'notStarted', message: "not started, since the run's deadline of 0.1 s has passed" },
    ]);
    expect(cluster?.patched).toEqual(['shop/a']);
  });

  test('rolls wave by wave, gateways last', async () => {
    await roll([
      { ...taskFor('a'), isGateway: true, order: -1 },
      { ...taskFor('b'), order: 1 },
      { ...taskFor('c'), order: -1 },
    ]);
    expect(cluster?.patched).toEqual(['shop/c', 'shop/b', 'shop/a']);
  });

  test('keeps no more rollouts under way in a namespace than it may', async () => {
    await roll([taskFor('a'), taskFor('b')], { maxConcurrentPerNamespace: 1 }, { fates: { a: 'fails' } });
    expect(cluster?.patched).toEqual(['shop/a']);
  });

  test('takes a workload that was deleted meanwhile for gone', async () => {
    expect(await roll([taskFor('deleted')])).toEqual([{ name: 'deleted', outcome: 'gone', message: '' }]);
  });

  test.each([
    ['a conflict', 409],
    ['an immutable uid', 422],
  ])('takes a workload that was replaced by another of its name for gone, refused as %s', async (_, status) => {
    const intercept: FakeClusterOptions['intercept'] = ({ method }) =>
      method === 'PATCH' ? refusal(status, 'Invalid', 'metadata.uid: field is immutable') : undefined;
    expect(await roll([{ ...taskFor('a'), uid: 'uid-before' }], {}, { intercept })).toEqual([
      { name: 'a', outcome: 'gone', message: '' },
    ]);
    expect(cluster?.patches).toHaveLength(1);
  });

  test('takes a workload that is replaced while it rolls for gone', async () => {
    expect(await roll([{ ...taskFor('a', 'wait'), uid: 'uid-before' }])).toMatchObject([{ outcome: 'gone' }]);
  });

  test('repeats a patch that met a conflict', async () => {
    let conflicts = 2;
    const intercept: FakeClusterOptions['intercept'] = ({ method }) =>
      method === 'PATCH' && conflicts-- > 0 ? refusal(409, 'Conflict', 'the object has been modified') : undefined;
    expect(await roll([taskFor('a')], {}, { intercept })).toMatchObject([{ outcome: 'restarted' }]);
    expect(cluster?.patches).toHaveLength(3);
  });

  test.each([
    [409, 5],
    [422, 1],
    [403, 1],
  ])('fails a workload whose patch is refused with status %d, after %d attempts', async (status, attempts) => {
    const intercept: FakeClusterOptions['intercept'] = ({ method }) =>
      method === 'PATCH' ? refusal(status, 'No', 'refused') : undefined;
    expect(await roll([taskFor('a')], {}, { intercept })).toEqual([
      { name: 'a', outcome: 'failed', message: 'refused' },
    ]);
    expect(cluster?.patches).toHaveLength(attempts);
  });

  test('fails a workload whose patch a webhook of the cluster cannot let pass', async () => {
    const message = 'Internal error occurred: failed calling webhook "policy.example.com": connection refused';
    const intercept: FakeClusterOptions['intercept'] = ({ method }) =>
      method === 'PATCH' ? refusal(500, 'InternalError', message) : undefined;
    expect(await roll([taskFor('a')], {}, { intercept })).toEqual([{ name: 'a', outcome: 'failed', message }]);
    expect(cluster?.patches).toHaveLength(1);
  });

  test.each([
    ['fails by itself', refusal(500, 'InternalError', 'etcdserver: no leader'), { status: 500 }],
    ['is asked too much', refusal(429, 'TooManyRequests', 'slow down'), { status: 429 }],
    ['answers what nobody can read', { body: '<html>' }, { code: 'UnexpectedAnswer' }],
  ])('blames no workload when the API server %s', async (_, answer, error) => {
    const intercept: FakeClusterOptions['intercept'] = ({ method, path }) =>
      method === 'GET' && path.endsWith('/deployments/a') ? answer : undefined;
    cluster = await FakeCluster.start(deployment('a'), { intercept });
    const api = await cluster.server.api();
    jest.spyOn(api, 'pause').mockResolvedValue();
    await expect(rollOut(api, [taskFor('a')], RESTARTED_AT)).rejects.toMatchObject(error);
    expect(cluster.patched).toEqual(['shop/a']);
  });
});
