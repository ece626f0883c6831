import type { WorkloadObject } from '../../../lib/engine/cluster/objects';
import { stuckBecause } from '../../../lib/engine/rollout/stuck-rollout';
import { FakeApiServer, refusal, type FakeAnswer, type FakeRequest } from '../fake-api-server';

const SINCE = Date.parse('2026-11-24T12:00:00.400Z');
const BEFORE = '2026-11-24T11:59:59Z';
const AFTER = '2026-11-24T12:00:00Z';

const pod = (name: string, status: object, creationTimestamp = AFTER, more: object = {}) => ({
  metadata: { name, namespace: 'shop', uid: name, creationTimestamp, ...more },
  spec: { containers: [] },
  status,
});
const waiting = (reason: string, message?: string) => ({
  containerStatuses: [
    { name: 'ready', state: { running: {} } },
    { name: 'app', state: { waiting: { reason, message } } },
  ],
});
const event = (lastTimestamp: string, message: string) => ({ metadata: {}, lastTimestamp, message });

describe('stuckBecause', () => {
  let server: FakeApiServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  async function reason(answers: { pods?: object[]; events?: object[] | FakeAnswer; status?: object }) {
    const object = {
      metadata: { name: 'db', namespace: 'shop', uid: 'uid-db' },
      spec: {
        selector: {
          matchLabels: { app: 'db' },
          matchExpressions: [{ key: 'tier', operator: 'In', values: ['a', 'b'] }],
        },
      },
      status: answers.status,
    } as WorkloadObject;
    const { events = [] } = answers;
    server = await FakeApiServer.start(({ path }: FakeRequest) => {
      if (path.endsWith('/pods')) return { body: { items: answers.pods ?? [] } };
      return Array.isArray(events) ? { body: { items: events } } : events;
    });
    return stuckBecause(await server.api(), { namespace: 'shop', object, since: SINCE });
  }

  test('reports nothing where pods only need time', async () => {
    expect(await reason({ pods: [pod('db-0', waiting('ContainerCreating'))] })).toBeUndefined();
    const queries = server?.requests.map(({ path, query }) => [
      path,
      query.get('labelSelector') ?? query.get('fieldSelector'),
    ]);
    expect(queries).toEqual([
      ['/api/v1/namespaces/shop/pods', 'app=db,tier in (a,b)'],
      ['/api/v1/namespaces/shop/events', 'involvedObject.uid=uid-db,reason=FailedCreate'],
    ]);
  });

  test.each<[string, object, string]>([
    ['a crash loop', waiting('CrashLoopBackOff', 'back-off 40s'), 'container app is in CrashLoopBackOff: back-off 40s'],
    ['an image that is not there', waiting('ImagePullBackOff'), 'container app is in ImagePullBackOff'],
    [
      'an init container',
      { initContainerStatuses: [{ name: 'istio-init', state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
      'container istio-init is in CrashLoopBackOff',
    ],
  ])('reports %s', async (_, status, expected) => {
    expect(await reason({ pods: [pod('db-0', {}), pod('db-1', status)] })).toBe(`pod db-1: ${expected}`);
  });

  test('reports a pod that no node takes', async () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' },
    ];
    expect(await reason({ pods: [pod('db-0', { conditions })] })).toBe(
      'pod db-0 cannot be scheduled: 0/3 nodes are available',
    );
  });

  test('ignores pods from before the rollout, or that are being deleted', async () => {
    const pods = [
      pod('old', waiting('CrashLoopBackOff'), BEFORE),
      pod('going', waiting('CrashLoopBackOff'), AFTER, { deletionTimestamp: AFTER }),
    ];
    expect(await reason({ pods })).toBeUndefined();
  });

  test("reports a quota, from the Deployment's condition or from the newest Event since", async () => {
    const message = 'pods "db-0" is forbidden: exceeded quota: small';
    const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }];
    expect(await reason({ status: { conditions } })).toBe(`its pods cannot be created: ${message}`);
    await server?.close();
    const events = [
      event(BEFORE, 'long ago'),
      event('2026-11-24T12:00:02Z', message),
      event('2026-11-24T12:00:01Z', 'first'),
    ];
    expect(await reason({ events })).toBe(`its pods cannot be created: ${message}`);
    await server?.close();
    expect(await reason({ events: [event(BEFORE, 'long ago')] })).toBeUndefined();
  });

  test('does without Events where they may not be read', async () => {
    expect(await reason({ events: refusal(403, 'Forbidden', 'events is forbidden') })).toBeUndefined();
    await server?.close();
    await expect(reason({ events: refusal(400, 'BadRequest', 'no such field') })).rejects.toThrow('no such field');
  });
});
