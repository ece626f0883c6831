import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { deployment } from '../cluster-builder';
import { refusal } from '../fake-api-server';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

describe('a run in which admission refuses to restart a workload', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
  });

  const DENIED = 'admission webhook "policies.example.com" denied the request: no team label';
  const refusingA: FakeClusterOptions['intercept'] = ({ method, path }) =>
    method === 'PATCH' && path.endsWith('/a') ? refusal(403, 'Forbidden', DENIED) : undefined;

  test('restarts the others, and fails with this workload, of which nothing was changed', async () => {
    const objects = ['a', 'b', 'c'].flatMap((name) => deployment(name));
    const fake = (cluster = await startMesh(objects, { intercept: refusingA }));
    await expect(restartWorkloads(optionsFor(fake, { maxConcurrent: 1 }))).rejects.toMatchObject({
      code: 'RolloutFailed',
      message: `1 workload was not brought up to date: Deployment shop/a: ${DENIED}. See why with kubectl -n shop describe deployment/a, and run again. Workloads that are up to date by then are skipped. Restarted before the error: Deployment shop/b, Deployment shop/c.`,
      done: { restarted: ['Deployment shop/b', 'Deployment shop/c'], begun: [], notStarted: [] },
    });
    expect(fake.patched).toEqual(['shop/a', 'shop/b', 'shop/c']);
  });

  test('still stops after a failed rollout', async () => {
    const objects = ['a', 'b', 'c'].flatMap((name) => deployment(name));
    const fake = (cluster = await startMesh(objects, { intercept: refusingA, fates: { b: 'fails' } }));
    await expect(restartWorkloads(optionsFor(fake, { maxConcurrent: 1 }))).rejects.toMatchObject({
      code: 'RolloutFailed',
      done: { restarted: [], begun: ['Deployment shop/b'], notStarted: ['Deployment shop/c'] },
    });
    expect(fake.patched).toEqual(['shop/a', 'shop/b']);
  });
});
