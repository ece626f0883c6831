import type { Pod } from '../../../lib/engine/cluster/objects';
import { MARK_ANNOTATION } from '../../../lib/engine/plan/restart-mark';
import type { RestartReport } from '../../../lib/engine/run/restart-report';
import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { deployment, IMAGE, injected, OLD_IMAGE, type ClusterObject } from '../cluster-builder';
import { refusal } from '../fake-api-server';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

function withCpu<T extends Pod>(made: T, cpu: string): T {
  const containers = made.spec.containers.map((one) =>
    one.name === 'istio-proxy' ? { ...one, resources: { requests: { cpu } } } : one,
  );
  return { ...made, spec: { ...made.spec, containers } };
}

describe('restartWorkloads', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
  });

  describe('does not restart again what a restart did not change', () => {
    const random: NonNullable<FakeClusterOptions['inject']> = (pod) => ({
      ...pod,
      spec: { ...pod.spec, containers: [{ name: 'istio-proxy', image: `proxy:${String(Math.random())}` }] },
    });
    const reasonOf = ({ undetermined }: RestartReport) => undetermined.map(({ reason }) => reason);

    test('in the same run, nor in the next', async () => {
      const fake = (cluster = await startMesh(deployment('cart'), { inject: random }));
      expect(reasonOf(await restartWorkloads(optionsFor(fake)))).toEqual(['RestartWithoutEffect']);
      const restarts = () => fake.patches.filter(({ body }) => 'spec' in (body as object)).length;
      expect(restarts()).toBe(1);
      expect(reasonOf(await restartWorkloads(optionsFor(fake)))).toEqual(['RestartWithoutEffect']);
      expect(restarts()).toBe(1);
    });

    test('in the next run, although another workload failed in this one', async () => {
      const template = { labels: { app: 'cart' } };
      const fake = (cluster = await startMesh([...deployment('cart', { template }), ...deployment('web')], {
        inject: (pod, namespace) =>
          pod.metadata.labels?.app === 'cart' ? random(pod, namespace) : injected(pod, IMAGE),
        fates: { web: 'fails' },
      }));
      const options = optionsFor(fake, { onFailure: 'continue' });
      const restarts = () =>
        fake.patches.filter(({ path, body }) => path.endsWith('/cart') && 'spec' in (body as object)).length;
      await expect(restartWorkloads(options)).rejects.toMatchObject({ code: 'RolloutFailed' });
      expect(restarts()).toBe(1);
      await expect(restartWorkloads(options)).rejects.toMatchObject({ code: 'RolloutFailed' });
      expect(restarts()).toBe(1);
    });

    test.each([
      ['with fields of a newer version', (mark: object) => ({ ...mark, version: 2, restarts: [mark] }), 0],
      ['in the format of another version', () => ({ version: 2, restarts: [{ at: '2026-11-24T12:00:00Z' }] }), 1],
    ])('where the mark of that is %s', async (_, rewritten, times) => {
      const first = (cluster = await startMesh(deployment('cart'), { inject: random }));
      await restartWorkloads(optionsFor(first));
      const mark = JSON.parse(
        first.find('Deployment', 'cart')?.metadata.annotations?.[MARK_ANNOTATION] ?? '',
      ) as object;
      first.objects = first.objects.map((object) =>
        object.kind === 'Deployment'
          ? {
              ...object,
              metadata: { ...object.metadata, annotations: { [MARK_ANNOTATION]: JSON.stringify(rewritten(mark)) } },
            }
          : object,
      );
      const restarts = () => first.patches.filter(({ body }) => 'spec' in (body as object)).length;
      const before = restarts();
      await restartWorkloads(optionsFor(first));
      await restartWorkloads(optionsFor(first));
      expect(restarts() - before).toBe(times);
    });
  });

  test('fails with the failed rollouts, even if the cluster cannot be read again after them', async () => {
    const message = 'pods is forbidden: User "ci" cannot list resource "pods" in API group ""';
    const fake = (cluster = await startMesh([...deployment('a'), ...deployment('b')], {
      fates: { b: 'fails' },
      intercept: ({ path }, { patches }) =>
        path === '/api/v1/pods' && patches.length > 0 ? refusal(403, 'Forbidden', message) : undefined,
    }));
    await expect(restartWorkloads(optionsFor(fake, { maxConcurrent: 1 }))).rejects.toMatchObject({
      code: 'RolloutFailed',
      done: { restarted: ['Deployment shop/a'], begun: ['Deployment shop/b'] },
    });
    expect(fake.server.requests.filter(({ path }) => path === '/api/v1/pods')).toHaveLength(2);
  });

  test('makes no further plan once the time of the run is up', async () => {
    const fates = { b: 'hangs' } as const;
    const fake = (cluster = await startMesh([...deployment('a'), ...deployment('b')], { fates }));
    await expect(restartWorkloads(optionsFor(fake, { deadlineSeconds: 2 }))).rejects.toMatchObject({
      ...{ code: 'RolloutFailed', done: { restarted: ['Deployment shop/a'] } },
    });
    expect(fake.server.requests.filter(({ path }) => path === '/api/v1/pods')).toHaveLength(1);
  });

  test.each([
    ['cannot be asked alone', false, 2],
    ['can be asked alone', true, 1],
  ])('notes what a restart was for where the injector %s: %s', async (_, relays, parts) => {
    const resources = { requests: { cpu: '200m' } };
    const inject: FakeClusterOptions['inject'] = (pod) => {
      const made = injected(pod, OLD_IMAGE);
      const containers = made.spec.containers.map((one) => (one.name === 'istio-proxy' ? { ...one, resources } : one));
      return { ...made, spec: { ...made.spec, containers } };
    };
    const fake = (cluster = await startMesh(deployment('cart'), { inject, relays }));
    await restartWorkloads(optionsFor(fake));
    expect(JSON.stringify(fake.patches[0]?.body).split('istio-module/restarted-for')).toHaveLength(parts);
  });

  test('notes nothing about pods with a custom image, which are no reason for the restart', async () => {
    const customized = (one: ClusterObject & Pod) => {
      const annotations = { ...one.metadata.annotations, 'sidecar.istio.io/proxyImage': 'example/my-proxy:1' };
      const containers = one.spec.containers.map((each) =>
        each.name === 'istio-proxy' ? { ...each, image: 'example/my-proxy:1', args: ['old'] } : each,
      );
      return { ...one, metadata: { ...one.metadata, annotations }, spec: { ...one.spec, containers } };
    };
    const objects = deployment('cart', { proxies: [IMAGE, IMAGE] }).map((one) => {
      const { name } = one.metadata;
      const made = one as ClusterObject & Pod;
      return name === 'cart-1-0' ? withCpu(made, '100m') : name === 'cart-1-1' ? customized(made) : one;
    });
    const inject: FakeClusterOptions['inject'] = (asked) => withCpu(injected(asked, IMAGE), '200m');
    const fake = (cluster = await startMesh(objects, { inject, relays: false }));
    expect((await restartWorkloads(optionsFor(fake))).counts.restarted).toBe(1);
    const { metadata } = fake.patches[0]?.body as { metadata: { annotations: Record<string, string> } };
    const { values } = JSON.parse(metadata.annotations[MARK_ANNOTATION] ?? '{}') as { values: object };
    expect(Object.keys(values)).toEqual(['containers.istio-proxy.fields.resources.requests.cpu']);
  });

  describe('where the injector cannot be asked alone', () => {
    let cpu = '';
    const reasonOf = ({ undetermined }: RestartReport) => undetermined.map(({ reason }) => reason);
    const resized = (objects: readonly ClusterObject[]) =>
      objects.map((one) => (one.kind === 'Pod' ? withCpu(one as ClusterObject & Pod, '100m') : one));

    /** A cluster whose only workload was restarted for a new value. */
    async function restarted(): Promise<FakeCluster> {
      cpu = '200m';
      const fake = (cluster = await startMesh(resized(deployment('cart', { proxies: [IMAGE] })), {
        inject: (asked) => withCpu(injected(asked, IMAGE), cpu),
        relays: false,
      }));
      expect((await restartWorkloads(optionsFor(fake))).counts.restarted).toBe(1);
      return fake;
    }

    /** Rolls out a new version of the workload, like its user. */
    async function rollOut({ server }: FakeCluster): Promise<void> {
      const api = await server.api();
      const template = { metadata: { annotations: { version: '2' } } };
      await api.mergePatch('/apis/apps/v1/namespaces/shop/deployments/cart', { spec: { template } }, 'user');
    }

    test('restarts again for a value that comes back after a rollout of others', async () => {
      const fake = await restarted();
      cpu = '100m';
      await rollOut(fake);
      cpu = '200m';
      expect(await restartWorkloads(optionsFor(fake))).toMatchObject({ counts: { restarted: 1, undetermined: 0 } });
    });

    test('does not restart again what others revert in its pods, not even after their next rollout', async () => {
      const fake = await restarted();
      fake.objects = resized(fake.objects);
      expect(reasonOf(await restartWorkloads(optionsFor(fake)))).toEqual(['RestartWithoutEffect']);
      await rollOut(fake);
      fake.objects = resized(fake.objects);
      expect(reasonOf(await restartWorkloads(optionsFor(fake)))).toEqual(['RestartWithoutEffect']);
    });
  });
});
