import type { RestartPlan } from '../../../lib/engine/plan/plan';
import { planRemoval } from '../../../lib/engine/run/plan-restarts';
import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { deployment, IMAGE } from '../cluster-builder';
import { FakeCluster, type FakeClusterOptions } from '../fake-cluster';
import { INJECTOR, optionsFor, SHOP, startMesh, WEBHOOK } from '../fake-mesh';

describe('a run that asks', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  const namesOf = ({ workloads }: RestartPlan) =>
    workloads.filter(({ decision }) => decision === 'restart').map(({ name }) => name);

  /** Runs a restart that asks for confirmation, and returns what was asked and the outcome. */
  async function asked(
    fake: FakeCluster,
    answer: (plan: readonly string[]) => boolean,
  ): Promise<{ readonly asked: readonly (readonly string[])[]; readonly outcome: unknown }> {
    const plans: (readonly string[])[] = [];
    const confirm = (plan: RestartPlan) => {
      plans.push(namesOf(plan));
      return Promise.resolve(answer(namesOf(plan)));
    };
    const outcome = await restartWorkloads(optionsFor(fake, { confirm })).catch((error: unknown) => error);
    return { asked: plans, outcome };
  }

  const start = async (names: readonly string[], options: FakeClusterOptions = {}) => {
    cluster = await startMesh(
      names.flatMap((name) => deployment(name)),
      options,
    );
    return cluster;
  };

  test('restarts what was said yes to, and asks once', async () => {
    const fake = await start(['a', 'b']);
    const { asked: plans, outcome } = await asked(fake, () => true);
    expect(plans).toEqual([['a', 'b']]);
    expect(outcome).toMatchObject({ counts: { restarted: 2 }, rounds: 1 });
  });

  test('restarts nothing after a no', async () => {
    const fake = await start(['a']);
    expect((await asked(fake, () => false)).outcome).toMatchObject({
      code: 'Aborted',
      message: 'The plan was declined. Nothing was restarted.',
    });
    expect(fake.patches).toEqual([]);
  });

  test('asks nothing when nothing is due', async () => {
    cluster = await startMesh(deployment('a', { proxies: [IMAGE] }));
    expect(await asked(cluster, () => false)).toMatchObject({ asked: [], outcome: { rounds: 0 } });
  });

  test('leaves alone what somebody else has restarted while it asked', async () => {
    const fake = await start(['a', 'b']);
    const { outcome } = await asked(fake, () => {
      const current = deployment('b', { proxies: [IMAGE] });
      fake.objects = fake.objects.map(
        (one) => current.find(({ kind, metadata }) => kind === one.kind && metadata.name === one.metadata.name) ?? one,
      );
      return true;
    });
    expect(outcome).toMatchObject({ restarted: [{ name: 'a' }], counts: { restarted: 1, waited: 0, current: 2 } });
    expect(fake.patched).toEqual(['shop/a']);
  });

  test('asks again about what has become due meanwhile, and restarts none of it after a no', async () => {
    const fake = await start(['a']);
    const { asked: plans, outcome } = await asked(fake, (names) => {
      fake.objects.push(...deployment('later'));
      return !names.includes('later');
    });
    expect(plans).toEqual([['a'], ['a', 'later']]);
    expect(outcome).toMatchObject({ code: 'Aborted' });
    expect(fake.patches).toEqual([]);
  });

  test('asks again about what has become due while it restarted, and says what was restarted before a no', async () => {
    const fake: FakeCluster = await start(['a'], {
      intercept: ({ method }) => {
        if (method === 'PATCH') {
          fake.objects.push(...deployment('later'));
        }
        return undefined;
      },
    });
    const { asked: plans, outcome } = await asked(fake, (names) => !names.includes('later'));
    expect(plans).toEqual([['a'], ['later']]);
    expect(outcome).toMatchObject({
      code: 'Aborted',
      message: 'The plan was declined. Restarted before the error: Deployment shop/a.',
    });
    expect(fake.patched).toEqual(['shop/a']);
  });

  test('does not count the time of the answer for its deadline', async () => {
    const fake = await start(['a']);
    const confirm = () =>
      new Promise<boolean>((resolve) => {
        setTimeout(() => {
          resolve(true);
        }, 1200);
      });
    const report = await restartWorkloads(optionsFor(fake, { confirm, deadlineSeconds: 1, injector: INJECTOR }));
    expect(report.counts.restarted).toBe(1);
  });
});

describe('planRemoval', () => {
  test('plans what has a sidecar that Istio no longer injects, and changes nothing', async () => {
    const cluster = await FakeCluster.start([SHOP, ...deployment('cart')], { inject: (pod) => pod });
    try {
      expect(await planRemoval(optionsFor(cluster))).toMatchObject({
        cluster: 'fake',
        summary: { restart: 1 },
        workloads: [{ name: 'cart', message: '1 of 1 pod has a sidecar that Istio no longer injects' }],
      });
      expect(cluster.patches).toEqual([]);
    } finally {
      await cluster.close();
    }
  });

  test('leaves out what is injected still', async () => {
    const cluster = await FakeCluster.start([SHOP, WEBHOOK, ...deployment('cart')]);
    try {
      expect((await planRemoval(optionsFor(cluster))).workloads).toEqual([]);
    } finally {
      await cluster.close();
    }
  });
});
