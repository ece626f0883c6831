import type { Pod } from '../../../lib/engine/cluster/objects';
import { rollOut, type RollOutOptions } from '../../../lib/engine/rollout/roll-out';
import type { UpdateTask } from '../../../lib/engine/rollout/update-in-place';
import { FakeApiServer, refusal, type FakeAnswer, type FakeRequest } from '../fake-api-server';

const OLD = { cpu: '10m', memory: '40Mi' };
const NEW = { cpu: '20m', memory: '40Mi' };
const IMAGE = { image: { old: 'proxy:1', new: 'proxy:2' } };
const RESOURCES = { resources: { requests: NEW } };

type Status = NonNullable<Pod['status']>;
type Container = NonNullable<Status['initContainerStatuses']>[0];

/** The pod as the API server has it at one moment. */
interface Moment {
  readonly image?: string;
  readonly requests?: object;
  readonly container?: Partial<Container>;
  readonly status?: Partial<Status>;
  readonly metadata?: object;
}

const running: Container = {
  ...{ name: 'istio-proxy', containerID: 'c1', started: true, ready: true },
  ...{ state: { running: {} }, resources: { requests: OLD } },
};

function podAt({ image = 'proxy:1', requests = OLD, container, status, metadata }: Moment): object {
  const proxy = { name: 'istio-proxy', restartPolicy: 'Always', image, resources: { requests } };
  return {
    metadata: { name: 'debug', namespace: 'shop', uid: 'uid', resourceVersion: '1', generation: 2, ...metadata },
    spec: { containers: [{ name: 'app' }], initContainers: [proxy] },
    status: { phase: 'Running', initContainerStatuses: [{ ...running, ...container }], ...status },
  };
}

const taskFor = (changes: Partial<UpdateTask['pods'][0]['containers'][0]>): UpdateTask => ({
  ...{ kind: 'Pod', namespace: 'shop', name: 'debug', action: 'update', wasComplete: true },
  ...{ isGateway: false, namespaceOrder: 0, order: 0 },
  reference: { apiVersion: 'v1', kind: 'Pod', uid: 'uid' },
  pods: [{ name: 'debug', uid: 'uid', containers: [{ name: 'istio-proxy', ...changes }] }],
});

describe('an update in place', () => {
  let server: FakeApiServer | undefined;

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  /** Each look finds the next moment, and the last moment from then on. A patch is answered with the current moment. */
  async function update(
    changes: Parameters<typeof taskFor>[0],
    moments: readonly (Moment | FakeAnswer)[],
    {
      patched = () => undefined,
      ...options
    }: RollOutOptions & { patched?: (request: FakeRequest) => FakeAnswer | undefined } = {},
  ) {
    await server?.close();
    let looks = 0;
    const statuses: string[] = [];
    const fake = (server = await FakeApiServer.start((request) => {
      const moment = moments[Math.min(looks, moments.length - 1)] ?? {};
      const answer = 'body' in moment || 'cut' in moment ? moment : { body: podAt(moment as Moment) };
      if (request.method === 'PATCH') {
        return patched(request) ?? answer;
      }
      looks += 1;
      return answer;
    }));
    const observer = { onStatus: (_: unknown, message: string) => statuses.push(message) };
    const [result] = await rollOut(await fake.api(), [taskFor(changes)], '', options, observer);
    const paths = fake.requests.filter(({ method }) => method === 'PATCH').map(({ path }) => path.split('/pods/')[1]);
    return { outcome: result?.outcome, message: result?.message, statuses, paths };
  }

  test('of an image waits until another container runs and is ready, whatever the image is called there', async () => {
    const image = 'proxy:2';
    const found = await update(IMAGE, [
      {},
      { image },
      { image, container: { state: { waiting: { reason: 'PodInitializing' } } } },
      { image, container: { containerID: 'c2', ready: false } },
      { image, container: { containerID: 'c2' } },
    ]);
    expect(found).toEqual({
      ...{ outcome: 'updated', message: '', paths: ['debug'] },
      statuses: [
        'pod debug: container istio-proxy still runs with image proxy:1',
        'pod debug: container istio-proxy does not run with image proxy:2 (PodInitializing)',
        'pod debug: container istio-proxy runs with image proxy:2, but is not ready',
      ].slice(1),
    });
  });

  test.each([
    [
      'after the first of two pods, is stopped',
      ['debug', 'other'],
      { outcome: 'stopped', message: 'stopped on request after 1 of 2 pods were updated' },
    ],
    [
      'after a pod that is gone, is not started',
      ['gone', 'other'],
      { outcome: 'notStarted', message: 'not started, since the run was told to stop' },
    ],
  ])('that is drained %s', async (_, names, expected) => {
    const drain = new AbortController();
    const [{ containers }] = taskFor(RESOURCES).pods as [UpdateTask['pods'][0]];
    const task = { ...taskFor(RESOURCES), pods: names.map((name) => ({ name, uid: 'uid', containers })) };
    let looks = 0;
    const fake = (server = await FakeApiServer.start(({ path }) => {
      drain.abort();
      if (path.includes('/pods/gone')) {
        return refusal(404, 'NotFound', 'pods "gone" not found');
      }
      looks += 1;
      return { body: podAt({ requests: looks > 1 ? NEW : OLD, container: { resources: { requests: NEW } } }) };
    }));
    const [result] = await rollOut(await fake.api(), [task], '', { drain: drain.signal });
    expect(result).toMatchObject(expected);
  });

  test.each<[string, Moment]>([
    ['the resources that it runs with', { container: { resources: { requests: NEW } } }],
    [
      'those that were admitted, where the kernel rounds',
      { container: { resources: { requests: { ...NEW, cpu: '18m' } }, allocatedResources: NEW } },
    ],
    ['the generation that it has seen', { status: { observedGeneration: 2 } }],
  ])('of resources waits for %s', async (_, last) => {
    const requests = NEW;
    const condition = { type: 'PodResizeInProgress', status: 'True' };
    const found = await update(RESOURCES, [
      {},
      { requests, status: { observedGeneration: 1 } },
      { requests, ...last, status: { ...last.status, conditions: [condition] } },
      { requests, ...last },
    ]);
    expect(found).toEqual({
      ...{ outcome: 'updated', message: '', paths: ['debug/resize'] },
      statuses: [
        'pod debug: container istio-proxy does not run with its new resources',
        'pod debug: its resize is in progress',
      ].slice(1),
    });
  });

  test('says what it still waits for when its time is up, and the way back', async () => {
    const { outcome, message } = await update(IMAGE, [{}, { image: 'proxy:2' }], { timeoutSeconds: 1 });
    expect({ outcome, message }).toEqual({
      outcome: 'failed',
      message:
        'not complete after 1 s: pod debug: container istio-proxy still runs with image proxy:1; to go back to the previous image, run kubectl -n shop set image pod/debug istio-proxy=proxy:1',
    });
  });

  test('stands still where its image cannot be pulled', async () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
    const moments = [{}, { image: 'proxy:2', container: { state: { waiting } } }];
    expect(await update(IMAGE, moments, { stuckSeconds: 0 })).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(
        /^stuck: pod debug: container istio-proxy is in ImagePullBackOff: no such image; to go back to/,
      ) as string,
    });
  });

  test('ends at once where the node can never hold it, and waits where it may later', async () => {
    const condition = (reason: string) => ({ type: 'PodResizePending', status: 'True', reason, message: 'no room' });
    const moments = (reason: string) => [{}, { requests: NEW, status: { conditions: [condition(reason)] } }];
    expect(await update(RESOURCES, moments('Infeasible'))).toMatchObject({
      outcome: 'failed',
      message: 'pod debug: its resize is pending (Infeasible: no room)',
    });
    expect(await update(RESOURCES, moments('Deferred'), { timeoutSeconds: 1 })).toMatchObject({
      message: 'not complete after 1 s: pod debug: its resize is pending (Deferred: no room)',
    });
  });

  test('stands still where more memory is used than it is to have', async () => {
    const condition = {
      type: 'PodResizeInProgress',
      status: 'True',
      reason: 'Error',
      message: 'usage is above the limit',
    };
    const moments = [{}, { requests: NEW, status: { conditions: [condition] } }];
    expect(await update(RESOURCES, moments, { stuckSeconds: 0 })).toMatchObject({
      outcome: 'failed',
      message: 'stuck: pod debug: its resize is in progress (Error: usage is above the limit)',
    });
  });

  test('looks again after a conflict, and patches once what is left', async () => {
    const conflicts = [refusal(409, 'Conflict', 'modified')];
    const done = { image: 'proxy:2', container: { containerID: 'c2' } };
    const found = await update(IMAGE, [{}, {}, done], { patched: () => conflicts.pop() });
    expect(found).toMatchObject({ outcome: 'updated', paths: ['debug', 'debug'] });
  });

  test('whose answer got lost is not sent again', async () => {
    const answers: FakeAnswer[] = [refusal(409, 'Conflict', 'modified'), { cut: true, body: podAt({}) }];
    const done = { image: 'proxy:2', container: { containerID: 'c2' } };
    const found = await update(IMAGE, [{}, done], { patched: () => answers.pop() });
    expect(found).toMatchObject({ outcome: 'updated', paths: ['debug', 'debug'] });
  });

  test.each<[string, Moment | FakeAnswer, string]>([
    ['is gone', refusal(404, 'NotFound', 'no pod'), 'gone'],
    ['is another of its name', { metadata: { uid: 'other' } }, 'gone'],
    ['is being deleted', { metadata: { deletionTimestamp: '2026-11-28T00:00:00Z' } }, 'gone'],
    ['has ended', { status: { phase: 'Succeeded' } }, 'gone'],
    ['has got another image since', { image: 'proxy:3' }, 'waited'],
    ['has got it already', { image: 'proxy:2' }, 'waited'],
  ])('touches no pod that %s', async (_, moment, outcome) => {
    expect(await update(IMAGE, [moment])).toMatchObject({ outcome, message: '', paths: [] });
  });

  test('of a pod that ends meanwhile is over', async () => {
    expect(await update(IMAGE, [{}, { status: { phase: 'Succeeded' } }])).toMatchObject({ outcome: 'gone' });
    expect(
      await update(RESOURCES, [{}, refusal(404, 'NotFound', 'gone')], {
        patched: () => refusal(404, 'NotFound', 'gone'),
      }),
    ).toMatchObject({ outcome: 'gone' });
  });

  test.each([
    [
      refusal(422, 'Invalid', 'Pod QOS Class may not change'),
      /^pod debug is not updated: Pod QOS Class may not change$/,
    ],
    [refusal(404, 'NotFound', 'not found'), /its feature gate InPlacePodVerticalScaling may be off$/],
  ])('that is refused is a failure: %#', async (answer, message) => {
    expect(await update(RESOURCES, [{}], { patched: () => answer })).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(message) as string,
    });
  });

  test('that is refused keeps no others from starting', async () => {
    const fake = (server = await FakeApiServer.start(({ method }) =>
      method === 'PATCH' ? refusal(422, 'Invalid', 'Pod QOS Class may not change') : { body: podAt({}) },
    ));
    const tasks = [taskFor(RESOURCES), { ...taskFor(RESOURCES), name: 'other' }];
    const results = await rollOut(await fake.api(), tasks, '', { maxConcurrent: 1 });
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });
});
