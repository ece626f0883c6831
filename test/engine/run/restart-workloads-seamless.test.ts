import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { deployment, statefulSet } from '../cluster-builder';
import type { FakeCluster } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

const SERVING = { name: 'app', image: 'app', readinessProbe: {}, lifecycle: { preStop: { exec: {} } } };
const seamless = { template: { spec: { containers: [SERVING] } } };

describe('restartWorkloads, told to restart what is seamless', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  test('defers the rest, which a run without the option restarts', async () => {
    const fake = (cluster = await startMesh([...deployment('cart', seamless), ...statefulSet('db', seamless)]));
    const left: string[] = [];
    const report = await restartWorkloads(
      optionsFor(fake, {
        onlySeamless: true,
        onEvent: (event) => {
          if (event.type === 'left') left.push(`${event.workload.name} ${event.plan.reason}`);
        },
      }),
    );
    expect(report).toMatchObject({
      ...{ restarted: [{ name: 'cart' }], deferred: [{ name: 'db', reason: 'Interrupts' }] },
      counts: { restarted: 1, deferred: 1 },
    });
    expect([fake.patched, left]).toEqual([['shop/cart'], ['db Interrupts']]);

    expect((await restartWorkloads(optionsFor(fake))).restarted).toMatchObject([{ name: 'db' }]);
    expect(fake.patched).toEqual(['shop/cart', 'shop/db']);
  });
});
