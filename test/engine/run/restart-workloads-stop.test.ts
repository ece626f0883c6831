import { removeSidecars, restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { deployment, type ClusterObject } from '../cluster-builder';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

describe('a run that is drained', () => {
  let cluster: FakeCluster | undefined;
  let drain: AbortController;

  beforeEach(() => {
    drain = new AbortController();
  });

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  async function withCluster(
    objects: readonly ClusterObject[],
    options: FakeClusterOptions = {},
  ): Promise<FakeCluster> {
    cluster = await startMesh(objects, options);
    return cluster;
  }

  /** Drains the run when the rollout of that workload is started. */
  const drainAt =
    (name: string): FakeClusterOptions['intercept'] =>
    ({ method, path }) => {
      if (method === 'PATCH' && path.endsWith(`/${name}`)) {
        drain.abort();
      }
      return undefined;
    };

  test('waits for what is under way, starts nothing further, and says what was restarted and what was not', async () => {
    const fake = await withCluster(
      ['a', 'b', 'c', 'd'].flatMap((name) => deployment(name)),
      {
        intercept: drainAt('b'),
      },
    );
    const options = optionsFor(fake, { maxConcurrent: 1, drain: drain.signal });
    await expect(restartWorkloads(options)).rejects.toMatchObject({
      code: 'Aborted',
      message:
        'Stopped on request; run again to continue. Restarted before the error: Deployment shop/a, Deployment shop/b. Not started: Deployment shop/c, Deployment shop/d.',
    });
    expect(fake.patched).toEqual(['shop/a', 'shop/b']);
  });

  test('starts no further wave', async () => {
    const [late, ...rest] = deployment('late') as [ClusterObject, ...ClusterObject[]];
    const annotations = { 'istio-module/order': '1' };
    const ordered = { ...late, metadata: { ...late.metadata, annotations } };
    const fake = await withCluster([...deployment('early'), ordered, ...rest], { intercept: drainAt('early') });
    await expect(restartWorkloads(optionsFor(fake, { drain: drain.signal }))).rejects.toMatchObject({
      message:
        'Stopped on request; run again to continue. Restarted before the error: Deployment shop/early. Not started: Deployment shop/late.',
    });
    expect(fake.patched).toEqual(['shop/early']);
  });

  test('restarts no workload whose last check is under way when it is drained', async () => {
    const fake = await withCluster(deployment('a'), {
      intercept: ({ method, path }) => {
        if (method === 'GET' && path.endsWith('/deployments/a')) {
          drain.abort();
        }
        return undefined;
      },
    });
    await expect(restartWorkloads(optionsFor(fake, { drain: drain.signal }))).rejects.toMatchObject({
      code: 'Aborted',
      message: 'Stopped on request; run again to continue. Nothing was restarted. Not started: Deployment shop/a.',
    });
    expect(fake.patches).toEqual([]);
  });

  test('says what failed, when something did', async () => {
    const fake = await withCluster([...deployment('a'), ...deployment('b')], {
      fates: { a: 'fails' },
      intercept: drainAt('a'),
    });
    const options = optionsFor(fake, { maxConcurrent: 1, onFailure: 'continue', drain: drain.signal });
    await expect(restartWorkloads(options)).rejects.toMatchObject({
      code: 'RolloutFailed',
      message:
        '2 workloads were not brought up to date: Deployment shop/a: progress deadline exceeded: ReplicaSet has timed out progressing; Deployment shop/b: not started, since the run was told to stop. See why with kubectl -n shop describe deployment/a, and run again. Workloads that are up to date by then are skipped.',
    });
  });

  test.each([
    ['restartWorkloads', restartWorkloads],
    ['removeSidecars', removeSidecars],
  ])('ends %s at once while nothing is rolling', async (_, run) => {
    const fake = await withCluster(deployment('a'), {
      intercept: ({ path }) => {
        if (path === '/api/v1/pods') {
          drain.abort();
        }
        return undefined;
      },
    });
    await expect(run(optionsFor(fake, { drain: drain.signal }))).rejects.toMatchObject({
      code: 'Aborted',
      problem: 'Stopped on request',
      remedy: 'run again to continue',
    });
    expect(fake.patches).toEqual([]);
    expect(fake.server.requests.at(-1)?.path).toBe('/api/v1/pods');
  });

  test('that was drained before it began does nothing', async () => {
    const fake = await withCluster(deployment('a'));
    drain.abort();
    await expect(restartWorkloads(optionsFor(fake, { drain: drain.signal }))).rejects.toMatchObject({
      code: 'Aborted',
    });
    expect(fake.server.requests).toEqual([]);
  });

  test('stops waiting for what is under way once its signal is aborted, too', async () => {
    const signal = new AbortController();
    const fake = await withCluster([...deployment('a'), ...deployment('b'), ...deployment('c')], {
      fates: { a: 'hangs', b: 'hangs' },
      intercept: ({ method, path }, { patches }) => {
        if (patches.length === 2) {
          drain.abort();
        }
        if (drain.signal.aborted && method === 'GET' && path.endsWith('/deployments/b')) {
          signal.abort();
        }
        return undefined;
      },
    });
    const options = optionsFor(fake, { maxConcurrent: 2, drain: drain.signal, signal: signal.signal });
    await expect(restartWorkloads(options)).rejects.toMatchObject({
      code: 'Aborted',
      message:
        'Stopped on request; run again to continue. Started, but not confirmed complete: Deployment shop/a, Deployment shop/b.',
    });
    expect(fake.patches).toHaveLength(2);
  });
});
