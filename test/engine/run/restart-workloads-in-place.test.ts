import type { Pod } from '../../../lib/engine/cluster/objects';
import { planRestarts } from '../../../lib/engine/run/plan-restarts';
import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import type { RestartOptions } from '../../../lib/engine/run/restart-options';
import type { RunEvent } from '../../../lib/engine/run/run-event';
import type { WorkloadPlan } from '../../../lib/engine/plan/plan';
import { daemonSet, IMAGE, OLD_IMAGE, owner, ownerOf, statefulSet, type ClusterObject } from '../cluster-builder';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { refusal } from '../fake-api-server';
import { fakeKubelet, injectedNative, nativePod, type NativeSidecar } from '../fake-kubelet';
import { optionsFor, startMesh } from '../fake-mesh';

const MORE = { requests: { cpu: '20m', memory: '40Mi' } };

/** An owner whose only pod has an old native sidecar. */
function withNative(objects: ClusterObject[]): ClusterObject[] {
  const [holder] = objects as [ClusterObject];
  const labels = objects.find(({ kind }) => kind === 'Pod')?.metadata.labels;
  return [holder, nativePod(`${holder.metadata.name}-0`, { owner: ownerOf(holder), labels })];
}

const job = withNative(owner('batch/v1', 'Job', 'batch'));
const debug = nativePod('debug');

const podOf = ({ path }: { readonly path: string }) => path.replace('/resize', '');

describe('an update in place', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  async function start(
    objects: readonly ClusterObject[],
    given: NativeSidecar = { image: IMAGE },
    options: FakeClusterOptions = {},
  ): Promise<FakeCluster> {
    cluster = await startMesh(objects, {
      inject: (one) => injectedNative(one, given),
      intercept: fakeKubelet,
      ...options,
    });
    return cluster;
  }

  const restart = (fake: FakeCluster, options: Partial<RestartOptions> = {}) =>
    restartWorkloads(optionsFor(fake, { inPlace: true, ...options }));
  const patches = ({ patches: all }: FakeCluster) =>
    all
      .map(({ path, body, headers }) => ({
        path: path.replace('/api/v1/namespaces/shop/', ''),
        spec: (body as Pick<Pod, 'spec'>).spec,
        type: headers['content-type'],
      }))
      // Two workloads are updated at once, in either order.
      .sort((one, other) => (podOf(one) < podOf(other) ? -1 : 1));
  const type = 'application/strategic-merge-patch+json';
  const image = { name: 'istio-proxy', image: IMAGE };

  test('gives a pod its image and its resources, the latter first, and is awaited', async () => {
    const fake = await start([...job, debug], { image: IMAGE, resources: MORE });
    const { updated, restarted, warnings, counts } = await restart(fake);
    expect(patches(fake)).toEqual(
      ['pods/batch-0', 'pods/debug'].flatMap((pod) => [
        { path: `${pod}/resize`, spec: { initContainers: [{ name: 'istio-proxy', resources: MORE }] }, type },
        { path: pod, spec: { initContainers: [image] }, type },
      ]),
    );
    expect({ restarted, warnings, counts }).toMatchObject({
      ...{ restarted: [], warnings: [] },
      counts: { updated: 2, current: 2, warned: 0 },
    });
    expect(updated).toMatchObject([
      {
        kind: 'Job',
        name: 'batch',
        differences: [{ path: 'istio-proxy.image' }, { path: 'istio-proxy.resources.requests.cpu' }],
      },
      { kind: 'Pod', name: 'debug' },
    ]);
  });

  test('does nothing a second time; a plan without it still reports containers that have run', async () => {
    const fake = await start([...job, debug]);
    await restart(fake);
    expect(await restart(fake)).toMatchObject({ updated: [], warnings: [], rounds: 0 });
    const inPlace = await planRestarts({ ...optionsFor(fake), inPlace: true });
    expect(inPlace.summary).toMatchObject({ current: 2, warn: 0 });
    const { workloads } = await planRestarts(optionsFor(fake));
    expect(workloads.map(({ decision, differences }) => [decision, differences.map(({ path }) => path)])).toEqual([
      ['warn', ['istio-validation.image']],
      ['warn', ['istio-validation.image']],
    ]);
    expect(fake.patches).toHaveLength(2);
  });

  test('happens only on request; otherwise, the warning says what it would change', async () => {
    const fake = await start([...job, debug]);
    const { warnings } = await restart(fake, { inPlace: false });
    expect(fake.patches).toEqual([]);
    expect(warnings).toMatchObject([
      {
        reason: 'JobOwned',
        inPlace: { pods: ['batch-0'], differences: [{ path: 'istio-proxy.image' }], remaining: [] },
      },
      { reason: 'BarePod', inPlace: { pods: ['debug'] } },
    ]);
  });

  test.each<[string, ClusterObject[]]>([
    ['a ReplicaSet', withNative(owner('apps/v1', 'ReplicaSet', 'set'))],
    ['a ReplicationController', withNative(owner('v1', 'ReplicationController', 'controller'))],
    ['a controller that is not known', withNative(owner('example.org/v1', 'Robot', 'robot'))],
    ['OnDelete', withNative(daemonSet('agent', { spec: { updateStrategy: { type: 'OnDelete' } } }))],
    ['a partition', withNative(statefulSet('db', { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } }))],
  ])('is for the pods of %s', async (_, objects) => {
    const fake = await start(objects);
    const { updated, counts } = await restart(fake);
    expect(updated.map(({ name }) => name)).toEqual([objects[0]?.metadata.name]);
    expect(counts).toMatchObject({ current: 1, warned: 0 });
  });

  test('is not for static pods', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'hash' };
    const fake = await start([nativePod('static', { annotations })]);
    const { warnings } = await restart(fake);
    expect(warnings).toMatchObject([{ reason: 'StaticPod', decision: 'warn' }]);
    expect(warnings[0]?.inPlace).toBeUndefined();
    expect(fake.patches).toEqual([]);
  });

  test('leaves as a warning what cannot change in a running pod', async () => {
    const env = [{ name: 'ISTIO_META_DNS_CAPTURE', value: 'true' }];
    const fake = await start([debug], { image: IMAGE, env });
    const [planned] = (await planRestarts(optionsFor(fake, { inPlace: true }))).workloads as [WorkloadPlan];
    expect(planned).toMatchObject({
      decision: 'update',
      message: expect.stringMatching(
        /when it is deleted; it is updated in place except for istio-proxy\.env$/,
      ) as string,
      remedy: 'kubectl -n shop replace --force -f MANIFEST-OF-debug.yaml',
      inPlace: { remaining: [{ path: 'istio-proxy.env' }] },
    });
    const { updated, warnings } = await restart(fake);
    expect(updated).toHaveLength(1);
    expect(warnings).toMatchObject([{ decision: 'warn', reason: 'BarePod' }]);
    expect(warnings[0]?.differences.map(({ path }) => path)).toContain('istio-proxy.env');
    expect(warnings[0]?.inPlace).toBeUndefined();
    expect(fake.patches).toHaveLength(1);
  });

  test('is tried once in a run where somebody else takes it back', async () => {
    const fake = await start([debug], undefined, {
      intercept: (request, all) => {
        const answer = fakeKubelet(request, all);
        if (request.method === 'GET' && request.path === '/api/v1/pods') {
          all.objects = all.objects.map((one) => (one.kind === 'Pod' ? { ...debug, metadata: one.metadata } : one));
        }
        return answer;
      },
    });
    const { updated, warnings } = await restart(fake);
    expect(updated).toHaveLength(1);
    expect(warnings).toMatchObject([{ reason: 'BarePod', decision: 'warn' }]);
    expect(fake.patches).toHaveLength(1);
  });

  test('waits for the maintenance window, as a restart does', async () => {
    const annotations = { 'istio-module/window': `${WEEKDAYS[(new Date().getUTCDay() + 2) % 7] ?? ''} 00:00-01:00` };
    const fake = await start([nativePod('debug', { annotations })]);
    const { deferred } = await restart(fake);
    expect(deferred).toMatchObject([
      { message: expect.stringMatching(/a run within the window updates it$/) as string },
    ]);
    expect(fake.patches).toEqual([]);
  });

  test.each([
    ['patch pods', 'the image', undefined, {}],
    ['patch pods/resize', 'resources', 'resize', { image: OLD_IMAGE, resources: MORE }],
  ])('needs the right to %s for %s, and says so before anything is changed', async (what, _, subresource, given) => {
    const fake = await start(
      [debug],
      { image: IMAGE, ...given },
      {
        intercept: (request, all) => {
          const { spec } = (request.body ?? {}) as { spec?: { resourceAttributes?: Record<string, string> } };
          const { resource, subresource: asked } = spec?.resourceAttributes ?? {};
          return resource === 'pods' && asked === subresource
            ? { body: { status: { allowed: false } } }
            : fakeKubelet(request, all);
        },
      },
    );
    await expect(restart(fake)).rejects.toMatchObject({
      code: 'Forbidden',
      message: expect.stringMatching(
        new RegExp(`may not ${what} in namespace shop .*SidecarRestartAccess with inPlace: true`),
      ) as string,
    });
    expect(fake.patches).toEqual([]);
  });

  test.each([
    ['resources', '32+', { image: OLD_IMAGE, resources: MORE }, 'InvalidOption'],
    ['resources', '33', { image: OLD_IMAGE, resources: MORE }, undefined],
    ['an image', '31', { image: IMAGE }, undefined],
  ])('of %s depends on the version of Kubernetes: 1.%s', async (_, minor, given, code) => {
    const fake = await start([debug], given, {
      intercept: (request, all) =>
        request.path === '/version' ? { body: { major: '1', minor } } : fakeKubelet(request, all),
    });
    const outcome = await restart(fake).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect((outcome as { code?: string } | undefined)?.code).toBe(code);
    expect(fake.patches).toHaveLength(code ? 0 : 1);
  });

  test('that is refused has failed, in the words of the API server', async () => {
    const fake = await start([debug, ...job], undefined, {
      intercept: (request, all) =>
        request.method === 'PATCH' && request.path.endsWith('/debug')
          ? refusal(422, 'Invalid', 'Pod "debug" is invalid: spec: Forbidden')
          : fakeKubelet(request, all),
    });
    await expect(restart(fake)).rejects.toMatchObject({
      code: 'RolloutFailed',
      message: expect.stringContaining('pod debug is not updated: Pod "debug" is invalid: spec: Forbidden') as string,
      done: { restarted: [], updated: ['Job shop/batch'], begun: [] },
    });
  });

  test('is reported as events', async () => {
    const fake = await start([debug]);
    const told: RunEvent[] = [];
    await restart(fake, { onEvent: (event) => told.push(event) });
    const workload = { namespace: 'shop', kind: 'Pod', name: 'debug' };
    expect(told.filter(({ type }) => type.startsWith('ro'))).toMatchObject([
      { type: 'roundBegan', round: 1, workloads: [{ ...workload, action: 'update' }] },
      { type: 'rolloutBegan', workload, action: 'update' },
      { type: 'rolloutEnded', workload, outcome: 'updated', message: '' },
    ]);
    const recorded = fake.server.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/events'));
    expect(recorded.map(({ body }) => body)).toMatchObject([
      { reason: 'SidecarUpdated', type: 'Normal', involvedObject: { kind: 'Pod', uid: 'uid-shop-debug' } },
    ]);
  });
});

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
