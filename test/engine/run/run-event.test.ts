import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import type { RunEvent } from '../../../lib/engine/run/run-event';
import { refusal } from '../fake-api-server';
import { deployment, IMAGE, injected, replicaSet, type ClusterObject } from '../cluster-builder';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { INJECTOR, optionsFor, startMesh } from '../fake-mesh';

describe('the events of a run', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  async function eventsOf(
    names: readonly string[],
    options: FakeClusterOptions = {},
    others: readonly ClusterObject[] = [],
  ): Promise<RunEvent[]> {
    cluster = await startMesh([...names.flatMap((name) => deployment(name)), ...others], options);
    const events: RunEvent[] = [];
    const onEvent = (event: RunEvent) => events.push(event);
    await restartWorkloads(
      optionsFor(cluster, { onEvent, maxConcurrent: 1, injector: { ...INJECTOR, deadlineSeconds: 30 } }),
    ).catch(() => undefined);
    return events;
  }

  const workload = (name: string) => ({
    ...{ namespace: 'shop', kind: 'Deployment', name },
    reference: { apiVersion: 'apps/v1', kind: 'Deployment', uid: `uid-Deployment-shop-${name}` },
  });
  const unseen = (name: string) => ({
    type: 'rolloutProgressed',
    workload: workload(name),
    message: 'its controller has not seen the change yet',
  });

  test('tell of the plan, the round and each rollout, and of the plan after it', async () => {
    expect(await eventsOf(['a', 'b'])).toEqual([
      { type: 'reading' },
      { type: 'planned', plan: expect.objectContaining({ cluster: 'fake', schemaVersion: 1 }) as object },
      {
        type: 'roundBegan',
        round: 1,
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        workloads: ['a', 'b'].map((name) => ({
          ...workload(name),
          action: 'restart',
          message: expect.stringContaining('1 of 1 pod out of date') as string,
        })),
      },
      { type: 'rolloutBegan', workload: workload('a'), action: 'restart' },
      unseen('a'),
      { type: 'rolloutEnded', workload: workload('a'), outcome: 'restarted', message: '' },
      { type: 'rolloutBegan', workload: workload('b'), action: 'restart' },
      unseen('b'),
      { type: 'rolloutEnded', workload: workload('b'), outcome: 'restarted', message: '' },
      { type: 'reading' },
      {
        type: 'planned',
        plan: expect.objectContaining({
          summary: expect.objectContaining({ restart: 0, current: 2 }) as object,
        }) as object,
      },
    ]);
  });

  test('tell how far a rollout is, why it failed, and what was not started for it', async () => {
    const events = await eventsOf(['a', 'b'], { fates: { a: 'fails' } });
    expect(events.slice(3)).toEqual([
      { type: 'rolloutBegan', workload: workload('a'), action: 'restart' },
      unseen('a'),
      {
        type: 'rolloutEnded',
        workload: workload('a'),
        outcome: 'failed',
        message: 'progress deadline exceeded: ReplicaSet has timed out progressing.',
      },
      {
        type: 'rolloutEnded',
        workload: workload('b'),
        outcome: 'notStarted',
        message: 'not started, since an earlier rollout failed',
      },
    ]);
  });

  test('tell of a rollout that somebody else has begun before its turn', async () => {
    let looks = 0;
    const events = await eventsOf(['a'], {
      intercept: ({ method, path }, { objects }) => {
        const [object] = objects.filter(({ kind }) => kind === 'Deployment');
        return method === 'GET' && path.endsWith('/deployments/a') && object && looks++ < 2
          ? {
              body: {
                ...object,
                spec: { ...(object as unknown as { spec: object }).spec, template: {} },
                status: looks < 2 ? {} : { updatedReplicas: 0, observedGeneration: 9 },
              },
            }
          : undefined;
      },
    });
    expect(events).toContainEqual({ type: 'rolloutBegan', workload: workload('a'), action: 'wait' });
    expect(events).toContainEqual({
      type: 'rolloutProgressed',
      workload: workload('a'),
      message: '0 of 1 replicas updated',
    });
    expect(events).toContainEqual({ type: 'rolloutEnded', workload: workload('a'), outcome: 'waited', message: '' });
  });

  test('tell of problems beside the rollouts', async () => {
    const events = await eventsOf(['a'], {
      intercept: ({ method, path }) =>
        method === 'POST' && path.endsWith('/events') ? refusal(403, 'Forbidden', 'no events for you') : undefined,
    });
    expect(events).toContainEqual({ type: 'eventsRefused', message: 'no events for you' });
  });

  test('tell at the end which workloads are left, with the decision, except for those that are current', async () => {
    const events = await eventsOf(['a'], {}, [
      ...replicaSet('bare'),
      ...deployment('off', { annotations: { 'istio-module/restart': 'disabled' } }),
      ...deployment('fresh', { proxies: [IMAGE] }),
    ]);
    const last = events.slice(events.findLastIndex(({ type }) => type === 'planned') + 1);
    expect(
      last.map((event) =>
        event.type === 'left' ? [event.workload.name, event.workload.reference.uid, event.plan.decision] : event,
      ),
    ).toEqual([
      ['off', 'uid-Deployment-shop-off', 'skip'],
      ['bare', 'uid-ReplicaSet-shop-bare', 'warn'],
    ]);
  });

  test('tell what the run waits for, and that everything is read again after that', async () => {
    let probes = 0;
    const events = await eventsOf(['a'], {
      inject: (pod) =>
        pod.metadata.ownerReferences?.length || ++probes > 2
          ? injected(pod, IMAGE)
          : refusal(403, 'Forbidden', 'not now'),
    });
    expect(
      events.slice(0, 4).map((event) => (event.type === 'waiting' ? [event.code, event.message] : event.type)),
    ).toEqual(['reading', ['InjectorOutOfDate', expect.stringContaining('not now')], 'reading', 'planned']);
  });
});
