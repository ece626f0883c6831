import { MARK_ANNOTATION } from '../../../lib/engine/plan/restart-mark';
import type { RestartReport } from '../../../lib/engine/run/restart-report';
import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { deployment, injected, OLD_IMAGE } from '../cluster-builder';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

describe('restartWorkloads', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
  });

  describe('does not restart again what a restart did not change', () => {
    const random: FakeClusterOptions['inject'] = (pod) => ({
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
});
