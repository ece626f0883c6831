import type { Chart } from 'cdk8s';
import fc, { type Arbitrary } from 'fast-check';
import { AuthorizationPolicy, ExistingIstio, JwtAuthentication, MeshTelemetry, TrafficPolicy } from 'istio-module';
import { syntaxProblem } from '../../lib/mesh/regular-expression';
import { isCel } from '../../lib/mesh/telemetry/cel-syntax';
import { authentication, authorization } from './arbitraries/security';
import { telemetry } from './arbitraries/telemetry';
import { resilient, routed } from './arbitraries/traffic';
import { regularExpression } from './arbitraries/values';
import { ACCEPTED_INPUTS } from './accepted-inputs';
import { ADVISED_INPUTS } from './advised-inputs';
import { ADVICE } from './checks/advice';
import { everyExtension } from './every-extension';
import { everyPolicy } from './every-policy';
import { IstioValidation } from './istio-validation';
import { emptyChart, synthesized, title, type Manifest } from './synthesis';
import { WARNED_INPUTS } from './warned-inputs';
import { isOfIstio } from '../control-plane/apply-in-order';
import { warningsOf } from './warnings-of';

const seed = Number(process.env.ACCEPTED_SEED ?? 1);
const numRuns = Number(process.env.ACCEPTED_RUNS ?? 500);

/** The objects of a chart, without its warnings on stderr. */
function quietly(chart: Chart): Manifest[] {
  let manifests: Manifest[] = [];
  warningsOf(() => (manifests = synthesized(chart)));
  return manifests;
}

describe("Istio's own validation", () => {
  let istio: IstioValidation;
  beforeAll(async () => {
    istio = await IstioValidation.start();
  }, 1_800_000);
  afterAll(() => {
    istio.stop();
  });

  async function refusals(manifests: readonly Manifest[]): Promise<string[]> {
    const ofIstio = manifests.filter(isOfIstio);
    const found = await Promise.all(
      ofIstio.map(async (manifest) => {
        // An object without a namespace is applied to the namespace of the kubeconfig's context.
        const metadata = { namespace: 'default', ...manifest.metadata };
        const { error } = await istio.object({ ...manifest, metadata });
        return error === '' ? [] : [`${title(manifest)}: ${error}\n${JSON.stringify(manifest.spec)}`];
      }),
    );
    return found.flat();
  }

  test.each<[string, (chart: Chart) => unknown]>([
    ['every policy', everyPolicy],
    ['every extension', everyExtension],
    ...ACCEPTED_INPUTS.map(([name, fill]): [string, (chart: Chart) => unknown] => [name, fill]),
  ])('takes %s', async (_, fill) => {
    const chart = emptyChart();
    new ExistingIstio(chart, 'istio');
    fill(chart);
    expect(await refusals(quietly(chart))).toEqual([]);
  });

  test.each<[string, readonly ((chart: Chart) => unknown)[]]>([
    ...WARNED_INPUTS.map(([name, , , advised]): [string, [typeof advised]] => [name, [advised]]),
    ...ADVICE.map(([name, , , ...advised]): [string, typeof advised] => [name, advised]),
    ...ADVISED_INPUTS.map(({ advice, mended }): [string, typeof mended] => [advice, mended]),
  ])('takes what is advised about %s', async (_, advised) => {
    for (const fill of advised) {
      const chart = emptyChart();
      fill(chart);
      expect(await refusals(quietly(chart))).toEqual([]);
    }
  });

  test('refuses objects that are not Istio’s', async () => {
    const metadata = { name: 'a', namespace: 'shop' };
    const wrong = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata, spec: {} };
    expect((await istio.object(wrong)).error).toContain('http, tcp or tls must be provided in virtual service');
    expect((await istio.object({ ...wrong, spec: { nonsense: 1 } })).error).toContain('nonsense');
  });

  /** Expects Istio to accept the objects for many inputs; there are no objects for inputs that constructs refuse. */
  async function holds<T>(inputs: Arbitrary<T>, make: (chart: Chart, input: T) => unknown): Promise<void> {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        const chart = emptyChart();
        try {
          make(chart, input);
        } catch (error) {
          // Any other error is a crash, not a refusal.
          if (!(error instanceof Error) || !/^\w+ mesh\/one: /.test(error.message)) throw error;
          return;
        }
        accepted++;
        const found = await refusals(quietly(chart));
        if (found.length > 0) throw new Error(found.join('\n'));
      }),
      { seed, numRuns },
    );
    expect(accepted).toBeGreaterThan(numRuns / 10);
  }

  test('takes the routes that are accepted', async () => {
    await holds(routed, (chart, props) => new TrafficPolicy(chart, 'one', props));
  }, 120_000);

  test('takes the policies about connections that are accepted', async () => {
    await holds(resilient, (chart, props) => new TrafficPolicy(chart, 'one', props));
  }, 120_000);

  test('takes the AuthorizationPolicies that are accepted', async () => {
    await holds(authorization, (chart, props) => new AuthorizationPolicy(chart, 'one', props));
  }, 120_000);

  test('takes the RequestAuthentications that are accepted', async () => {
    await holds(authentication, (chart, props) => new JwtAuthentication(chart, 'one', props));
  }, 120_000);

  test('takes the Telemetries that are accepted', async () => {
    await holds(telemetry, (chart, props) => new MeshTelemetry(chart, 'one', props));
  }, 120_000);

  test('reads exactly the regular expressions that are accepted', async () => {
    const counts = { read: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(regularExpression, async (regexp) => {
        const { error } = await istio.expression({ regexp });
        counts[error === '' ? 'read' : 'refused']++;
        const problem = syntaxProblem(regexp);
        // Go accepts the same group name twice, but Envoy's RE2 does not.
        if (problem?.startsWith('duplicate capture group name') === true) return;
        expect({ regexp, refused: problem !== undefined }).toEqual({ regexp, refused: error !== '' });
      }),
      { seed, numRuns: numRuns * 4 },
    );
    expect(counts.read).toBeGreaterThan(numRuns / 2);
    expect(counts.refused).toBeGreaterThan(numRuns / 10);
  }, 120_000);

  test.each([
    ...['Foo{a: 1}', 'a.b{c: [1]}', 'has(a.b)', '[1].all(x, x > 0)', '{"a": 1u}', 'r"\\d"', 'a // b', 'a ? b : c'],
    ...[
      '1 + 2 * -3 % 4',
      'a[b].c(d)',
      '"\\u00e9" in a',
      'b"\\x41"',
      '"""a\n"b"""',
      '.a.b',
      '!!a',
      '--1',
      'a.if',
      '1e3',
    ],
  ])('reads the CEL %s, which is accepted', async (cel) => {
    expect({ cel, error: (await istio.expression({ cel })).error }).toEqual({ cel, error: '' });
    expect(isCel(cel)).toBe(true);
  });
});
