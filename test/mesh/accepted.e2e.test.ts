import type { Chart } from 'cdk8s';
import fc, { type Arbitrary } from 'fast-check';
import { AuthorizationPolicy, JwtAuthentication, MeshTelemetry, TrafficPolicy } from 'istio-module';
import { renderResources, resourceProblems } from '../../lib/mesh/installation/container-resources';
import { authentication, authorization } from './arbitraries/security';
import { resources } from './arbitraries/resources';
import { telemetry } from './arbitraries/telemetry';
import { resilient, routed } from './arbitraries/traffic';
import { emptyChart, synthesized, title, type Manifest } from './synthesis';
import { podWith, ValidatingCluster } from './validating-cluster';

// ACCEPTED_SEED=7 tries other inputs, and ACCEPTED_RUNS=5000 tries more of them.
const seed = Number(process.env.ACCEPTED_SEED ?? 1);
const numRuns = Number(process.env.ACCEPTED_RUNS ?? 300);

describe('what the constructs accept, a real API server and istiod accept', () => {
  let cluster: ValidatingCluster;
  beforeAll(async () => {
    cluster = await ValidatingCluster.start();
  }, 1_800_000);
  afterAll(async () => {
    await cluster.stop();
  });

  /**
   * Expects the cluster to accept the objects for many inputs; there are no objects for inputs that constructs refuse.
   */
  async function holds<T>(inputs: Arbitrary<T>, make: (input: T) => Manifest[] | undefined): Promise<void> {
    const counts = { accepted: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        const manifests = make(input);
        counts[manifests ? 'accepted' : 'refused']++;
        const refusals = await Promise.all(
          (manifests ?? []).map(async (manifest) => {
            const refusal = await cluster.refusal(manifest);
            return refusal === undefined ? [] : [`${title(manifest)}: ${refusal}\n${JSON.stringify(manifest.spec)}`];
          }),
        );
        if (refusals.flat().length > 0) throw new Error(refusals.flat().join('\n'));
      }),
      { seed, numRuns },
    );
    expect(counts.accepted).toBeGreaterThan(numRuns / 10);
    expect(counts.refused).toBeGreaterThan(numRuns / 50);
  }

  /** The objects that a construct is synthesized to, or `undefined` if it refuses its input. */
  function made(construct: (chart: Chart) => unknown): Manifest[] | undefined {
    const chart = emptyChart();
    try {
      construct(chart);
    } catch (error) {
      // Any other error is a crash, not a refusal.
      if (!(error instanceof Error) || !/^\w+ mesh\/one: /.test(error.message)) throw error;
      return undefined;
    }
    return synthesized(chart);
  }

  test('routes', async () => {
    await holds(routed, (props) => made((chart) => new TrafficPolicy(chart, 'one', props)));
  }, 120_000);

  test('connections, circuit breakers and load balancing', async () => {
    await holds(resilient, (props) => made((chart) => new TrafficPolicy(chart, 'one', props)));
  }, 120_000);

  test('token rules', async () => {
    await holds(authentication, (props) => made((chart) => new JwtAuthentication(chart, 'one', props)));
  }, 120_000);

  test('authorization rules', async () => {
    await holds(authorization, (props) => made((chart) => new AuthorizationPolicy(chart, 'one', props)));
  }, 120_000);

  test('telemetry', async () => {
    await holds(telemetry, (props) => made((chart) => new MeshTelemetry(chart, 'one', props)));
  }, 120_000);

  test('resources of a container', async () => {
    await holds(resources, (given) =>
      resourceProblems('resources', given, {}).length > 0 ? undefined : [podWith(renderResources(given))],
    );
  }, 120_000);
});
