import fc from 'fast-check';
import { same } from '../../../lib/engine/cluster/same';
import { differences } from '../../../lib/engine/injector/differences';
import type { Sidecar, SidecarContainer } from '../../../lib/engine/injector/sidecar';

jest.setTimeout(120_000);

const name = fc.constantFrom('istio-proxy', 'istio-init', 'istio-validation');
const text = fc.oneof(
  fc.constantFrom('a', 'a\nb', 'x'.repeat(150), `${'x'.repeat(149)}y`),
  fc.string({ maxLength: 12 }),
);
const config = fc
  .dictionary(fc.constantFrom('concurrency', 'drainDuration', 'tracing'), fc.nat(3))
  .map((object) => JSON.stringify(object));
const fields: fc.Arbitrary<SidecarContainer['fields']> = fc.record(
  {
    image: text,
    args: fc.array(text, { maxLength: 4 }),
    env: fc.dictionary(fc.constantFrom('A', 'B', 'PROXY_CONFIG'), fc.oneof(text, config)),
    resources: fc.dictionary(fc.constantFrom('limits', 'requests'), fc.record({ cpu: text })),
    ports: fc.array(fc.record({ containerPort: fc.nat(3) }), { maxLength: 2 }),
  },
  { requiredKeys: ['image'] },
);
const sidecar: fc.Arbitrary<Sidecar> = fc.record({
  revision: fc.constantFrom('default', 'canary'),
  containers: fc.dictionary(
    name,
    fc.record({ placement: fc.constantFrom('container', 'init container', 'native sidecar'), fields }),
  ),
  volumes: fc.dictionary(fc.constantFrom('istio-envoy', 'istio-data'), fc.record({ emptyDir: fc.record({ a: text }) })),
});
const maybe = fc.option(sidecar, { nil: undefined, freq: 10 });

/** Any two sidecars, and two that differ in one part at most. */
const two = fc
  .tuple(maybe, maybe, fc.constantFrom('all', 'revision', 'containers', 'volumes'))
  .map(([one, other, part]) => [one, one && other && part !== 'all' ? { ...one, [part]: other[part] } : other]);

/** The same value with the keys of every object in reverse order, and with blanks in the JSON of variables. */
function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value === 'string' && value.startsWith('{')) {
    try {
      return ` ${JSON.stringify(rewritten(JSON.parse(value)), undefined, 2)}\n`;
    } catch {
      return value;
    }
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, rewritten(one)]),
  );
}

describe('the differences of any two sidecars', () => {
  test('are none exactly if they are the same, however they are written', () => {
    fc.assert(
      fc.property(two, ([one, other]) => {
        expect(differences(one, one)).toEqual([]);
        expect(differences(one, rewritten(one) as typeof one)).toEqual([]);
        expect(differences(rewritten(one) as typeof one, other)).toEqual(differences(one, other));
        if (differences(one, other).length === 0) {
          expect(same(rewritten(one), rewritten(other))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('are of the same paths, with old and new exchanged, the other way round', () => {
    fc.assert(
      fc.property(two, ([one, other]) => {
        expect(differences(other, one)).toEqual(
          differences(one, other).map((found) => ({ path: found.path, old: found.new, new: found.old })),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('are one for each path, each a short line', () => {
    fc.assert(
      fc.property(two, ([one, other]) => {
        const found = differences(one, other);
        expect(new Set(found.map(({ path }) => path)).size).toBe(found.length);
        for (const { old, new: now } of found.filter(({ path }) => path !== 'sidecar')) {
          expect(old.length).toBeLessThanOrEqual(100);
          expect(now.length).toBeLessThanOrEqual(100);
          expect(`${old}${now}`).not.toContain('\n');
          expect(old === now && old !== '(not shown)').toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});
