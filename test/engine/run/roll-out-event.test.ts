import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import type { RollOutEvent } from '../../../lib/engine/run/roll-out-event';
import { refusal } from '../fake-api-server';
import { deployment } from '../cluster-builder';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

describe('the events of a run', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  async function eventsOf(names: readonly string[], options: FakeClusterOptions = {}): Promise<RollOutEvent[]> {
    cluster = await startMesh(
      names.flatMap((name) => deployment(name)),
      options,
    );
    const events: RollOutEvent[] = [];
    const onRollOut = (event: RollOutEvent) => events.push(event);
    await restartWorkloads(optionsFor(cluster, { onRollOut, maxConcurrent: 1 })).catch(() => undefined);
    return events;
  }

  const workload = (name: string) => ({ namespace: 'shop', kind: 'Deployment', name });
  const unseen = (name: string) => ({
    type: 'status',
    workload: workload(name),
    message: 'its controller has not seen the change yet',
  });

  test('tell of the plan, the round and each rollout, and of the plan after it', async () => {
    expect(await eventsOf(['a', 'b'])).toEqual([
      { type: 'planned', plan: expect.objectContaining({ cluster: 'fake', schemaVersion: 1 }) as object },
      {
        type: 'roundBegan',
        round: 1,
        workloads: [
          { ...workload('a'), action: 'restart' },
          { ...workload('b'), action: 'restart' },
        ],
      },
      { type: 'began', workload: workload('a'), action: 'restart' },
      unseen('a'),
      { type: 'ended', workload: workload('a'), outcome: 'restarted', message: '' },
      { type: 'began', workload: workload('b'), action: 'restart' },
      unseen('b'),
      { type: 'ended', workload: workload('b'), outcome: 'restarted', message: '' },
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
    expect(events.slice(2)).toEqual([
      { type: 'began', workload: workload('a'), action: 'restart' },
      unseen('a'),
      {
        type: 'ended',
        workload: workload('a'),
        outcome: 'failed',
        message: 'progress deadline exceeded: ReplicaSet has timed out progressing.',
      },
      {
        type: 'ended',
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
    expect(events).toContainEqual({ type: 'began', workload: workload('a'), action: 'wait' });
    expect(events).toContainEqual({ type: 'status', workload: workload('a'), message: '0 of 1 replicas updated' });
    expect(events).toContainEqual({ type: 'ended', workload: workload('a'), outcome: 'waited', message: '' });
  });

  test('tell what does not work beside the rollouts', async () => {
    const events = await eventsOf(['a'], {
      intercept: ({ method, path }) =>
        method === 'POST' && path.endsWith('/events') ? refusal(403, 'Forbidden', 'no events for you') : undefined,
    });
    expect(events).toContainEqual({ type: 'note', message: 'Events are not recorded: no events for you' });
  });
});
