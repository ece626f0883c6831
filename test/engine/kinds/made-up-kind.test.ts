import { restartCommand } from '../../../lib/engine/inspect/restart-command';
import { nameOf } from '../../../lib/engine/plan/plan';
import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { readSnapshot } from '../../../lib/engine/snapshot/read-snapshot';
import { IMAGE, owner, pod, ownerOf, OLD_IMAGE, type ClusterObject } from '../cluster-builder';
import { refusal } from '../fake-api-server';
import type { FakeCluster } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';
import { planOf, SHOP } from '../plan-of-cluster';

// Another kind needs a file and an entry in this list: nothing else in the engine knows about it.
jest.mock('../../../lib/engine/kinds/workload-kinds', () => ({
  WORKLOAD_KINDS: [
    ...jest.requireActual<typeof import('../../../lib/engine/kinds/workload-kinds')>(
      '../../../lib/engine/kinds/workload-kinds',
    ).WORKLOAD_KINDS,
    ...Object.values(jest.requireActual<typeof import('./made-up-kinds')>('./made-up-kinds')),
  ],
}));

const GROUP = 'fleets.example/v1';
const LABELS = { template: { labels: { app: 'taxi' } }, spec: { selector: { matchLabels: { app: 'taxi' } } } };
const TAXI = owner(GROUP, 'Fleet', 'taxi', LABELS);

function decisions(plan: Awaited<ReturnType<typeof planOf>>) {
  return plan.map((workload) => `${nameOf(workload)} ${workload.decision} ${workload.reason}`);
}

describe('a kind that is put into the list', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  test.each([
    ['is restarted', TAXI, 'Fleet shop/taxi restart OutOfDate'],
    ['is current', owner(GROUP, 'Fleet', 'taxi', { proxies: [IMAGE] }), 'Fleet shop/taxi current UpToDate'],
    ['is blocked', owner(GROUP, 'Fleet', 'taxi', { spec: { paused: true } }), 'Fleet shop/taxi warn Paused'],
    ['is left to its user', owner(GROUP, 'Errand', 'milk'), 'Errand shop/milk warn JobOwned'],
    [
      "is no other group's",
      owner('other.example/v1', 'Fleet', 'taxi'),
      'Fleet.other.example shop/taxi warn UnknownController',
    ],
  ])('%s', async (_, objects, decision) => {
    expect(decisions(await planOf([SHOP, ...objects]))).toEqual([decision]);
  });

  test('has its own sentence, remedy and command', async () => {
    const plan = await planOf([SHOP, ...owner(GROUP, 'Errand', 'milk')]);
    expect(plan[0]).toMatchObject({
      message: expect.stringContaining('; an Errand is run once') as string,
      remedy: 'fleetctl run milk',
    });
    cluster = await startMesh(TAXI);
    const { workloads } = await readSnapshot(await cluster.server.api());
    expect(workloads.map(restartCommand)).toContain('fleetctl refit shop/taxi');
  });

  test.each(['Fleet', 'Errand'])('has pods that its selector matches, and no others: %s', async (kind) => {
    const objects = owner(GROUP, kind, 'taxi', { ...LABELS, proxies: [IMAGE] }) as [ClusterObject];
    const stray = pod('stray', { owner: ownerOf(objects[0]), labels: { app: 'bus' }, proxy: OLD_IMAGE });
    expect(decisions(await planOf([SHOP, ...objects, stray]))).toEqual([
      `${kind} shop/taxi current UpToDate`,
      'Pod shop/stray warn UnknownController',
    ]);
  });

  test('need not be served', async () => {
    const intercept = ({ path }: { readonly path: string }) =>
      path.includes('fleets.example') ? refusal(404, 'NotFound', 'not served') : undefined;
    expect(decisions(await planOf([SHOP, ...TAXI], { intercept }))).toEqual(['Fleet shop/taxi warn UnknownController']);
  });

  test('is restarted by its own patch, once that is known to be permitted', async () => {
    cluster = await startMesh(TAXI);
    const report = await restartWorkloads(optionsFor(cluster));
    expect(report.restarted).toMatchObject([{ kind: 'Fleet', namespace: 'shop', name: 'taxi' }]);
    expect(cluster.patches.map(({ path, body }) => [path, body])).toEqual([
      [
        '/apis/fleets.example/v1/namespaces/shop/fleets/taxi',
        expect.objectContaining({ spec: { refit: { at: expect.any(String) as string } } }),
      ],
    ]);
    const asked = cluster.server.requests.filter(({ path }) => path.endsWith('/selfsubjectaccessreviews'));
    expect(asked.map(({ body }) => body)).toMatchObject([
      { spec: { resourceAttributes: { verb: 'patch', group: 'fleets.example', resource: 'fleets' } } },
    ]);
  });

  test('is not restarted once more where somebody else has done so since the plan', async () => {
    let refits = 0;
    cluster = await startMesh(TAXI, {
      intercept: ({ path, method }, fake) => {
        if (method === 'POST' && path.endsWith('/selfsubjectaccessreviews')) {
          fake.objects = fake.objects.map((object) =>
            object.kind === 'Fleet'
              ? { ...object, spec: { ...(object.spec as object), refit: { at: String(refits++) } } }
              : object,
          );
        }
        return undefined;
      },
    });
    await expect(restartWorkloads(optionsFor(cluster))).rejects.toMatchObject({ code: 'RolloutFailed' });
    expect(cluster.patches).toEqual([]);
  });
});
