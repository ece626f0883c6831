import fc from 'fast-check';
import { wavesOf } from '../../../lib/engine/rollout/waves';

const NAMESPACES = ['a', 'b', 'c'];
const member = fc.record({
  isGateway: fc.boolean(),
  namespace: fc.constantFrom(...NAMESPACES),
  order: fc.integer({ min: -3, max: 3 }),
});
const members = fc
  .tuple(
    fc.array(member, { maxLength: 20 }),
    fc.record({
      a: fc.integer({ min: -2, max: 2 }),
      b: fc.integer({ min: -2, max: 2 }),
      c: fc.integer({ min: -2, max: 2 }),
    }),
  )
  .map(([list, orders]) =>
    list.map((one, position) => ({
      ...one,
      namespaceOrder: orders[one.namespace as keyof typeof orders],
      name: `m${String(position)}`,
    })),
  );

test('waves of any members are a partition of them, ordered, and each has those of a namespace by their order', () => {
  fc.assert(
    fc.property(members, (list) => {
      const waves = wavesOf(list);
      expect(waves.flat().sort((a, b) => list.indexOf(a) - list.indexOf(b))).toEqual(list);
      expect(waves.every((wave) => wave.length > 0)).toBe(true);
      for (const wave of waves) {
        const [first] = wave;
        const those = list.filter(
          (one) => one.isGateway === first?.isGateway && one.namespaceOrder === first.namespaceOrder,
        );
        expect(new Set(wave)).toEqual(new Set(those));
        for (const namespace of NAMESPACES) {
          const own = (of: typeof list) => of.filter((one) => one.namespace === namespace);
          expect(own(wave as typeof list)).toEqual(own(those).sort((a, b) => a.order - b.order));
        }
      }
      const heads = waves.map(([first]) => (first?.isGateway ? 100 : 0) + (first?.namespaceOrder ?? 0));
      expect(heads).toEqual([...new Set(heads)].sort((a, b) => a - b));
    }),
    { numRuns: 500 },
  );
});

test('what a workload says about its order changes nothing between namespaces', () => {
  fc.assert(
    fc.property(members, fc.array(fc.integer(), { minLength: 20, maxLength: 20 }), (list, orders) => {
      const places = (of: typeof list) => wavesOf(of).map((wave) => wave.map(({ namespace }) => namespace));
      expect(places(list.map((one, index) => ({ ...one, order: orders[index] ?? 0 })))).toEqual(places(list));
    }),
  );
});
