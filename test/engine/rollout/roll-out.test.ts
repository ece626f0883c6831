import type { KubernetesApi } from '../../../lib/engine/cluster/api';
import type { ObjectMeta, WorkloadObject } from '../../../lib/engine/cluster/objects';
import { argoRollout as argoRolloutOwner } from '../../../lib/engine/kinds/argo-rollout';
import { deployment as deploymentOwner } from '../../../lib/engine/kinds/deployment';
import { RESTARTED_AT as RESTARTED_AT_ANNOTATION } from '../../../lib/engine/kinds/rolling-update';
import { rollOut, type RollOutOptions } from '../../../lib/engine/rollout/roll-out';
import type { RestartTask } from '../../../lib/engine/rollout/roll-out-task';
import { refusal } from '../fake-api-server';
import { argoRollout, deployment, pod } from '../cluster-builder';
import { FakeCluster, type FakeClusterOptions } from '../fake-cluster';

const RESTARTED_AT = '2026-11-02T10:00:00.000Z';

function taskFor(name: string, action: RestartTask['action'] = 'restart'): RestartTask {
  const uid = `uid-Deployment-shop-${name}`;
  const [planned] = deployment(name) as unknown as [WorkloadObject];
  const outdated = [{ name: `${name}-1-0`, uid: `uid-shop-${name}-1-0` }];
  return {
    kind: 'Deployment',
    owner: deploymentOwner,
    namespace: 'shop',
    name,
    uid,
    action,
    planned,
    outdated,
    isGateway: false,
    wasComplete: true,
    namespaceOrder: 0,
    order: 0,
  };
}

/** Replaces metadata of an object, like another client. */
function replaceMetadata(cluster: FakeCluster, kind: string, name: string, metadata: Partial<ObjectMeta>): void {
  cluster.objects = cluster.objects.map((one) =>
    one.kind === kind && one.metadata.name === name ? { ...one, metadata: { ...one.metadata, ...metadata } } : one,
  );
}

/** Changes the Deployment like a restart at that time, before its pods are replaced. */
function restartAt(cluster: FakeCluster, name: string, time: string): void {
  cluster.objects = cluster.objects.map((one) => {
    if (one.kind !== 'Deployment' || one.metadata.name !== name) {
      return one;
    }
    const { spec, metadata } = one as typeof one & WorkloadObject;
    const annotations = { ...spec.template?.metadata?.annotations, [RESTARTED_AT_ANNOTATION]: time };
    const template = { ...spec.template, metadata: { ...spec.template?.metadata, annotations } };
    return { ...one, metadata: { ...metadata, resourceVersion: '2' }, spec: { ...spec, template } };
  });
}

describe('rollOut', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  async function roll(tasks: readonly RestartTask[], options: RollOutOptions = {}, fake: FakeClusterOptions = {}) {
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

  test.each<[number, number, number, RollOutOptions]>([
    [2, 250, 2_000, {}],
    [400, 10_000, 10_000, {}],
    [400, 3_000, 3_000, { timeoutSeconds: 3 }],
    [400, 2_500, 2_500, { deadlineSeconds: 2.5 }],
  ])('looks at %d rollouts at once after pauses of %d to %d ms (%j)', async (count, first, last, options) => {
    jest.spyOn(Date, 'now').mockReturnValue(1_000_000);
    const looks = new Map<string, number>();
    const pauses: number[] = [];
    const look = (path: string) => {
      looks.set(path, (looks.get(path) ?? 0) + 1);
      const name = path.slice(path.lastIndexOf('/') + 1);
      const [object] = deployment(name) as unknown as [WorkloadObject];
      const isDone = (looks.get(path) ?? 0) > 12;
      return Promise.resolve(isDone ? object : { ...object, status: { ...object.status, updatedReplicas: 0 } });
    };
    const api = {
      get: look,
      getCached: look,
      pause: (pause: number) => {
        pauses.push(pause);
        return Promise.resolve();
      },
    } as unknown as KubernetesApi;
    const tasks = Array.from({ length: count }, (_, index) => taskFor(`w-${String(index)}`, 'wait'));
    const results = await rollOut(api, tasks, RESTARTED_AT, { maxConcurrent: count, ...options });
    jest.restoreAllMocks();
    expect(results.every(({ outcome }) => outcome === 'waited')).toBe(true);
    expect(pauses[count - 1]).toBe(first);
    expect(Math.max(...pauses)).toBe(last);
  });

  test('keeps no more rollouts under way than it may', async () => {
    const underWay = new Set<string>();
    let most = 0;
    const fake: FakeClusterOptions = {
      intercept: ({ method, path }) => {
        if (method === 'PATCH') {
          underWay.add(path);
        } else {
          underWay.delete(path);
        }
        most = Math.max(most, underWay.size);
        return undefined;
      },
    };
    await roll([taskFor('a'), taskFor('b'), taskFor('c')], { maxConcurrent: 2 }, fake);
    expect(most).toBe(2);
  });

  test('does not judge the rollout by a cached status from before the patch', async () => {
    let looks = 0;
    const intercept: FakeClusterOptions['intercept'] = ({ method, path, query }) => {
      const isLook = method === 'GET' && path.endsWith('/deployments/a') && query.get('resourceVersion') === '0';
      return isLook && ++looks <= 2 ? { body: deployment('a')[0] } : undefined;
    };
    cluster = await FakeCluster.start(deployment('a'), { fates: { a: 'hangs' }, intercept });
    const results = await rollOut(await cluster.server.api(), [taskFor('a')], RESTARTED_AT, { timeoutSeconds: 1 });
    expect(looks).toBeGreaterThan(2);
    expect(results).toMatchObject([
      { outcome: 'failed', message: 'not complete after 1 s: its controller has not seen the change yet' },
    ]);
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
      { name: 'a', outcome: 'failed', message: 'not complete after 0.1 s: its controller has not seen the change yet' },
    ]);
  });

  test('fails a workload whose pods say why they are stuck, before its time is up', async () => {
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
      message: 'stuck: 0 of 1 replicas updated; pod a-new: container app is in CrashLoopBackOff: back-off 40s',
    });
  });

  test("starts nothing after the run's deadline, and waits for nothing", async () => {
    const options = { maxConcurrent: 1, onFailure: 'continue', deadlineSeconds: 0.1 } as const;
    expect(await roll([taskFor('a'), taskFor('b')], options, { fates: { a: 'hangs' } })).toEqual([
      {
        name: 'a',
        outcome: 'failed',
        message: "not complete when the run's deadline passed: its controller has not seen the change yet",
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

  test('goes on after a failure of a workload that was not complete before the run', async () => {
    const failed = { ...taskFor('a'), wasComplete: false };
    const results = await roll([failed, taskFor('b')], { maxConcurrent: 1 }, { fates: { a: 'fails' } });
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'restarted']);
  });

  test('keeps no more rollouts under way in a namespace than it may', async () => {
    await roll([taskFor('a'), taskFor('b')], { maxConcurrentPerNamespace: 1 }, { fates: { a: 'fails' } });
    expect(cluster?.patched).toEqual(['shop/a']);
  });

  test('treats a workload that was deleted meanwhile as gone', async () => {
    expect(await roll([taskFor('deleted')])).toEqual([{ name: 'deleted', outcome: 'gone', message: '' }]);
  });

  test.each([
    ['a conflict', 409],
    ['an immutable uid', 422],
  ])('treats a workload that was replaced by another of its name as gone, refused as %s', async (_, status) => {
    const intercept: FakeClusterOptions['intercept'] = ({ method }, fake) => {
      if (method !== 'PATCH') {
        return undefined;
      }
      replaceMetadata(fake, 'Deployment', 'a', { uid: 'uid-after' });
      return refusal(status, 'Invalid', 'metadata.uid: field is immutable');
    };
    expect(await roll([taskFor('a')], {}, { intercept })).toEqual([{ name: 'a', outcome: 'gone', message: '' }]);
    expect(cluster?.patches).toHaveLength(1);
  });

  test('treats a workload that is replaced while it rolls as gone', async () => {
    expect(await roll([{ ...taskFor('a', 'wait'), uid: 'uid-before' }])).toMatchObject([{ outcome: 'gone' }]);
  });

  describe('leaves a workload alone and waits for it, when somebody else has replaced the pods since the plan', () => {
    const waited = [{ name: 'a', outcome: 'waited', message: '' }];

    test('by a change of its template', async () => {
      const task = taskFor('a');
      const planned = { ...task.planned, spec: { ...task.planned.spec, template: { spec: { containers: [] } } } };
      expect(await roll([{ ...task, planned }])).toEqual(waited);
      expect(cluster?.patches).toEqual([]);
    });

    test('by what restarts its kind', async () => {
      const [rollout, , only] = argoRollout('a') as unknown as WorkloadObject[];
      cluster = await FakeCluster.start(argoRollout('a'));
      const { metadata, spec } = rollout as WorkloadObject;
      const planned = { metadata, spec: { ...spec, restartAt: '2026-11-02T09:59:59Z' } };
      const outdated = [(only as WorkloadObject).metadata];
      const task = { ...taskFor('a'), owner: argoRolloutOwner, uid: metadata.uid, planned, outdated };
      expect(await rollOut(await cluster.server.api(), [task], RESTARTED_AT)).toMatchObject(waited);
      expect(cluster.patches).toEqual([]);
    });

    test('by a rollout that ended while the cluster was read', async () => {
      const outdated = [{ name: 'a-0-0', uid: 'uid-gone' }];
      expect(await roll([{ ...taskFor('a'), outdated }])).toEqual(waited);
      expect(cluster?.patches).toEqual([]);
    });

    test('by pods of the same names', async () => {
      const outdated = [{ name: 'a-1-0', uid: 'uid-before' }];
      expect(await roll([{ ...taskFor('a'), outdated }])).toEqual(waited);
      expect(cluster?.patches).toEqual([]);
    });

    test('but for pods that are about to go', async () => {
      const intercept: FakeClusterOptions['intercept'] = (_, fake) => {
        replaceMetadata(fake, 'Pod', 'a-1-0', { deletionTimestamp: RESTARTED_AT });
        return undefined;
      };
      expect(await roll([taskFor('a')], {}, { intercept })).toEqual(waited);
      expect(cluster?.patches).toEqual([]);
    });
  });

  test('restarts a workload of whose outdated pods one is left', async () => {
    const { outdated, ...task } = taskFor('a');
    const gone = { name: 'a-0-0', uid: 'uid-gone' };
    expect(await roll([{ ...task, outdated: [gone, ...outdated] }])).toMatchObject([{ outcome: 'restarted' }]);
    expect(cluster?.patched).toEqual(['shop/a']);
  });

  test.each(['restart', 'wait'] as const)('treats a workload that is being deleted as gone: %s', async (action) => {
    const intercept: FakeClusterOptions['intercept'] = (_, fake) => {
      replaceMetadata(fake, 'Deployment', 'a', { deletionTimestamp: RESTARTED_AT });
      return undefined;
    };
    expect(await roll([taskFor('a', action)], {}, { intercept, fates: { a: 'hangs' } })).toEqual([
      { name: 'a', outcome: 'gone', message: '' },
    ]);
    expect(cluster?.patches).toEqual([]);
  });

  test('repeats a patch that met a conflict', async () => {
    let conflicts = 2;
    const intercept: FakeClusterOptions['intercept'] = ({ method }) =>
      method === 'PATCH' && conflicts-- > 0 ? refusal(409, 'Conflict', 'the object has been modified') : undefined;
    expect(await roll([taskFor('a')], {}, { intercept })).toMatchObject([{ outcome: 'restarted' }]);
    expect(cluster?.patches).toHaveLength(3);
  });

  test('leaves a workload alone that somebody else restarts just before the patch', async () => {
    const intercept: FakeClusterOptions['intercept'] = ({ method }, fake) => {
      if (method === 'PATCH') {
        restartAt(fake, 'a', '2026-11-02T09:59:59Z');
      }
      return undefined;
    };
    expect(await roll([taskFor('a')], {}, { intercept })).toEqual([{ name: 'a', outcome: 'waited', message: '' }]);
    expect(cluster?.patches).toHaveLength(1);
    expect(JSON.stringify(cluster?.find('Deployment', 'a'))).toContain('2026-11-02T09:59:59Z');
  });

  test('knows its own patch again whose answer got lost', async () => {
    let patches = 0;
    const intercept: FakeClusterOptions['intercept'] = ({ method }, fake) => {
      if (method !== 'PATCH' || ++patches > 1) {
        return undefined;
      }
      restartAt(fake, 'a', RESTARTED_AT);
      return refusal(503, 'ServiceUnavailable', 'the answer got lost');
    };
    expect(await roll([taskFor('a')], {}, { intercept })).toEqual([{ name: 'a', outcome: 'restarted', message: '' }]);
    expect(patches).toBe(2);
    expect(cluster?.find('Deployment', 'a')?.metadata.resourceVersion).toBe('2');
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

  test('goes on after a refused patch, since nothing was rolled out', async () => {
    const intercept: FakeClusterOptions['intercept'] = ({ method, path }) =>
      method === 'PATCH' && path.endsWith('/a') ? refusal(403, 'Forbidden', 'refused') : undefined;
    expect(await roll([taskFor('a'), taskFor('b')], { maxConcurrent: 1 }, { intercept })).toEqual([
      { name: 'a', outcome: 'failed', message: 'refused' },
      { name: 'b', outcome: 'restarted', message: '' },
    ]);
  });

  test('starts no further workload after a failed rollout that somebody else has begun since the plan', async () => {
    const [object] = deployment('a') as unknown as [WorkloadObject];
    const failed = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'late' };
    const spec = { ...object.spec, template: { spec: { containers: [] } } };
    const intercept: FakeClusterOptions['intercept'] = ({ method, path }) =>
      method === 'GET' && path.endsWith('/deployments/a')
        ? { body: { ...object, spec, status: { ...object.status, conditions: [failed] } } }
        : undefined;
    const results = await roll([taskFor('a'), taskFor('b')], { maxConcurrent: 1 }, { intercept });
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'notStarted']);
    expect(cluster?.patches).toEqual([]);
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
    const intercept: FakeClusterOptions['intercept'] = ({ method, path }, { patched }) =>
      method === 'GET' && path.endsWith('/deployments/a') && patched.includes('shop/a') ? answer : undefined;
    cluster = await FakeCluster.start(deployment('a'), { intercept });
    const api = await cluster.server.api();
    jest.spyOn(api, 'pause').mockResolvedValue();
    await expect(rollOut(api, [taskFor('a')], RESTARTED_AT)).rejects.toMatchObject(error);
    expect(cluster.patched).toEqual(['shop/a']);
  });
});
