import { eventLines } from '../../../lib/engine/report/event-lines';
import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { deployment, IMAGE, replicaSet, type ClusterObject } from '../cluster-builder';
import { refusal } from '../fake-api-server';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

describe('a run records Events', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  async function withCluster(objects: readonly ClusterObject[], options?: FakeClusterOptions): Promise<FakeCluster> {
    cluster = await startMesh(objects, options);
    return cluster;
  }

  const eventsOf = ({ server }: FakeCluster) =>
    server.requests
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/events'))
      .map(({ path, body }) => ({ path, body: body as Record<string, unknown> }));
  const messages = (fake: FakeCluster) =>
    eventsOf(fake).map(({ body }) => {
      const { kind, name } = body.involvedObject as { kind: string; name: string };
      return `${String(body.type)} ${String(body.reason)} ${kind}/${name}: ${String(body.message)}`;
    });

  test('on what it restarted, put off or left to its user', async () => {
    const fake = await withCluster([
      ...deployment('cart'),
      ...deployment('later', { annotations: { 'istio-module/window': 'Sat 00:00-00:01' } }),
      ...replicaSet('bare'),
      ...deployment('fresh', { proxies: [IMAGE] }),
    ]);
    await restartWorkloads(optionsFor(fake));
    expect(messages(fake).sort()).toEqual([
      expect.stringMatching(/^Normal SidecarRestartDeferred Deployment\/later: .* opens at .*T00:00:00Z/),
      expect.stringMatching(/^Normal SidecarRestarted Deployment\/cart: 1 of 1 pod out of date/),
      expect.stringMatching(
        /^Warning SidecarOutOfDate ReplicaSet\/bare: .*\. By hand: kubectl -n shop delete pod bare-0$/,
      ),
    ]);
    expect(eventsOf(fake)[0]).toMatchObject({
      path: '/api/v1/namespaces/shop/events',
      body: {
        metadata: { name: expect.stringMatching(/^cart\.[0-9a-f]{16}$/) as string, namespace: 'shop' },
        involvedObject: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: 'shop',
          uid: 'uid-Deployment-shop-cart',
        },
        source: { component: 'istio-module' },
      },
    });
  });

  test('on what failed', async () => {
    const fake = await withCluster(deployment('cart'), { fates: { cart: 'fails' } });
    await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({ code: 'RolloutFailed' });
    expect(messages(fake)).toEqual([
      'Warning SidecarRestartFailed Deployment/cart: progress deadline exceeded: ReplicaSet has timed out progressing.',
    ]);
  });

  test('under the same name when it says the same again', async () => {
    const fake = await withCluster(replicaSet('bare'));
    await restartWorkloads(optionsFor(fake));
    await restartWorkloads(optionsFor(fake));
    const names = eventsOf(fake).map(({ body }) => (body.metadata as { name: string }).name);
    expect(names).toHaveLength(2);
    expect(new Set(names).size).toBe(1);
  });

  test.each([
    [409, 'AlreadyExists', 'events "bare.1" already exists', []],
    [404, 'NotFound', 'namespaces "shop" not found', []],
    [422, 'Invalid', `events "bare.1" is forbidden: ValidatingAdmissionPolicy 'events' denied request: no`, []],
    [400, 'BadRequest', 'admission webhook "policies.example.com" denied the request: no', []],
    [403, 'Forbidden', 'events "bare.1" is forbidden: exceeded quota: small', []],
    [403, 'Forbidden', 'events is forbidden', ['Events are not recorded: events is forbidden']],
  ])('and goes on when one is refused with status %d, %s: %s', async (status, reason, message, told) => {
    const intercept: FakeClusterOptions['intercept'] = ({ method, path }) =>
      method === 'POST' && path.endsWith('/events') ? refusal(status, reason, message) : undefined;
    const fake = await withCluster([...replicaSet('bare'), ...replicaSet('other')], { intercept });
    const lines: string[] = [];
    const { warnings } = await restartWorkloads(optionsFor(fake, { onEvent: eventLines((line) => lines.push(line)) }));
    expect(warnings).toHaveLength(2);
    expect(lines).toEqual(told);
  });

  test('beside the rollouts, none of which waits for them', async () => {
    let onPatch: () => void = () => undefined;
    const patched = new Promise<void>((resolve) => {
      onPatch = resolve;
    });
    const fake = await withCluster([...deployment('a'), ...deployment('b')], {
      intercept: ({ method, path }) => {
        if (method === 'PATCH' && path.endsWith('/b')) {
          onPatch();
        }
        return method === 'POST' && path.endsWith('/events') ? { body: {}, halfUntil: patched } : undefined;
      },
    });
    await restartWorkloads(optionsFor(fake, { maxConcurrent: 1 }));
    expect(messages(fake)).toHaveLength(2);
  });

  test('all of them, however many there are at once', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `app-${String(index)}`);
    const fake = await withCluster(names.flatMap((name) => deployment(name)));
    await restartWorkloads(optionsFor(fake, { maxConcurrent: 30 }));
    expect(
      eventsOf(fake)
        .map(({ body }) => (body.involvedObject as { name: string }).name)
        .sort(),
    ).toEqual([...names].sort());
  });

  test('unless it is told not to', async () => {
    const fake = await withCluster([...deployment('cart'), ...replicaSet('bare')]);
    await restartWorkloads(optionsFor(fake, { events: false }));
    expect(eventsOf(fake)).toEqual([]);
  });
});
