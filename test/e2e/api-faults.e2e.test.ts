import { FaultLane } from './fault-lane';
import { injectAll, problemsOf, summaryOf } from './fault-run';
import { MeshCluster } from './mesh-cluster';
import { SOAK } from './soak';

const MINUTES = 60_000;
/**
 * The number of requests of one kind that get faults, 1 for all faults or 2 for half, and the minimum number of runs.
 */
const [OF_A_KIND, PART, RUNS] = SOAK ? [2, 1, 300] : [1, 2, 120];
/** The number of runs that are under way at once: they spend most of their time waiting. */
const LANES = 8;

describe('a restart on a cluster with faults on the way to it', () => {
  let cluster: MeshCluster;
  let lanes: readonly FaultLane[] = [];

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
    await cluster.apply(cluster.chart());
    const names = Array.from({ length: LANES }, (_, index) => `lane-${String(index + 1)}`);
    lanes = await Promise.all(names.map((name) => FaultLane.open(cluster, name)));
  }, 10 * MINUTES);

  afterAll(async () => {
    for (const { proxy } of lanes) {
      proxy.close();
    }
    await cluster.stop();
  }, MINUTES);

  it(
    'completes or says why not and what it has done, and a second run does the rest and nothing twice',
    async () => {
      const results = await injectAll(lanes, OF_A_KIND, PART);
      process.stdout.write(summaryOf(results));
      expect(problemsOf(results)).toEqual([]);
      expect(results.length).toBeGreaterThanOrEqual(RUNS);
    },
    40 * MINUTES,
  );
});
