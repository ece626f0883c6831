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
