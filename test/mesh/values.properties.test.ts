import { Duration } from 'cdk8s';
import fc from 'fast-check';
import { Destination, TrafficPolicy } from 'istio-module';
import { renderResources, resourceProblems } from '../../lib/mesh/installation/container-resources';
import { durationProblem, istioDuration } from '../../lib/mesh/istio-duration';
import { sameQuantity } from '../../lib/engine/cluster/quantity';
import { quantity, resources } from './arbitraries/resources';
import { weights } from './arbitraries/traffic';
import { duration, oddNumber } from './arbitraries/values';
import { emptyChart } from './synthesis';

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ...{ ns: 1n, us: 1000n, ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n },
};

/**
 * Nanoseconds of a duration, according to the rules of Go's `time.ParseDuration`; undefined for a text that it does not
 * accept.
 */
function parseDuration(text: string): bigint | undefined {
  if (!/^([+-]?(\d+\.?\d*|\.\d+)(ns|us|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/(\d*)\.?(\d*)(ns|us|ms|s|m|h)/g)) {
    const scale = NANOSECONDS[unit] ?? 0n;
    sum += BigInt(whole) * scale + (BigInt(fraction || 0) * scale) / 10n ** BigInt(fraction.length);
  }
  return sum < 2n ** 63n ? sum : undefined;
}

/** Whether Kubernetes accepts a quantity: digits with at most one point, and a unit or an exponent. */
function isQuantity(text: string): boolean {
  const [, , number = '', suffix = ''] = /^([+-]?)([0-9.]*)(.*)$/s.exec(text) ?? [];
  const units = ['', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
  return /^(\d+\.?\d*|\.\d+)$/.test(number) && (units.includes(suffix) || /^[eE][+-]?\d+$/.test(suffix));
}

test('a duration that is accepted says the same to Go, in whole milliseconds', () => {
  let [accepted, refused] = [0, 0];
  fc.assert(
    fc.property(duration, (one) => {
      const [problem] = durationProblem('timeout', one);
      if (problem !== undefined) {
        refused++;
        return;
      }
      accepted++;
      const nanoseconds = parseDuration(istioDuration(one));
      expect(nanoseconds).toBe(BigInt(Math.round(one.toMilliseconds({ integral: false }))) * 1_000_000n);
      expect(nanoseconds).toBeGreaterThanOrEqual(1_000_000n);
    }),
    { numRuns: 2000, seed: 1 },
  );
  expect(accepted).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(10);
});

test.each([Duration.millis, Duration.seconds, Duration.minutes, Duration.hours, Duration.days])(
  'whole milliseconds are accepted in whatever unit, up to what Go counts',
  (of) => {
    const milliseconds = of(1).toMilliseconds();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Math.floor(9_223_372_036_854 / milliseconds) }), (amount) => {
        expect(durationProblem('timeout', of(amount))).toEqual([]);
      }),
      { seed: 1 },
    );
    expect(durationProblem('timeout', of(Math.floor(9_223_372_036_854 / milliseconds) + 1))).toHaveLength(1);
  },
);

test('whole milliseconds are accepted in fractions of a second, whatever binary numbers make of them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (milliseconds) => {
      const one = Duration.seconds(milliseconds / 1000);
      expect(durationProblem('timeout', one)).toEqual([]);
      expect(parseDuration(istioDuration(one))).toBe(BigInt(milliseconds) * 1_000_000n);
    }),
    { numRuns: 5000, seed: 1 },
  );
});

test('weights are accepted if, and only if, they are whole, from 0 on, and any of several is above 0', () => {
  let [accepted, refused] = [0, 0];
  fc.assert(
    fc.property(fc.oneof(weights, fc.array(oddNumber, { minLength: 1, maxLength: 3 })), (given) => {
      fc.pre(given.length > 0);
      const right =
        given.every((weight) => Number.isInteger(weight) && weight >= 0) &&
        given.reduce((sum, weight) => sum + weight, 0) < 2 ** 31 &&
        (given.length === 1 || given.some((weight) => weight > 0));
      const to = given.map((weight) => Destination.host({ weight }));
      const construct = () =>
        new TrafficPolicy(emptyChart(), 'one', { namespace: 'shop', host: 'a', routes: [{ to }] });
      if (right) {
        accepted++;
        construct();
      } else {
        refused++;
        expect(construct).toThrow(
          /^TrafficPolicy mesh\/one: routes\[0\]\.to(\[\d\]\.weight | has (weights|no weight) )/,
        );
      }
    }),
    { numRuns: 500, seed: 1 },
  );
  expect(accepted).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(50);
});

test('a quantity that is accepted is one to Kubernetes, and to the restart engine', () => {
  let [accepted, refused] = [0, 0];
  fc.assert(
    fc.property(quantity, (one) => {
      if (resourceProblems('r', { limits: { memory: one } }, {}).length > 0) {
        refused++;
        return;
      }
      accepted++;
      const { memory = '' } = renderResources({ limits: { memory: one } }).limits ?? {};
      expect(isQuantity(memory)).toBe(true);
      expect(sameQuantity(memory, memory)).toBe(true);
    }),
    { numRuns: 2000, seed: 1 },
  );
  expect(accepted).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(100);
});

test('the engine finds no request above a limit that is accepted with it', () => {
  fc.assert(
    fc.property(resources, (given) => {
      fc.pre(resourceProblems('r', given, {}).length === 0);
      const { requests = {}, limits = {} } = renderResources(given);
      for (const name of ['cpu', 'memory'] as const) {
        const [request, limit] = [requests[name], limits[name]];
        if (request === undefined || limit === undefined || sameQuantity(request, limit)) continue;
        expect(resourceProblems('r', { requests: { [name]: limit }, limits: { [name]: request } }, {})).toHaveLength(1);
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});
