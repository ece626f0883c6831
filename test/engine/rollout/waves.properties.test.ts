import fc from 'fast-check';
import { wavesOf } from '../../../lib/engine/rollout/waves';

const member = fc.record({ isGateway: fc.boolean(), order: fc.integer({ min: -3, max: 3 }) });
const members = fc
  .array(member, { maxLength: 20 })
  .map((list) => list.map((one, position) => ({ ...one, name: `m${String(position)}` })));

test('waves of any members are a partition of them, ordered, and each is in the order of its members', () => {
  fc.assert(
    fc.property(members, (list) => {
      const waves = wavesOf(list);
      expect(waves.flat().sort((a, b) => list.indexOf(a) - list.indexOf(b))).toEqual(list);
      expect(waves.every((wave) => wave.length > 0)).toBe(true);
      for (const wave of waves) {
        const [first] = wave;
        expect(wave).toEqual(list.filter((one) => one.isGateway === first?.isGateway && one.order === first.order));
      }
      const heads = waves.map(([first]) => (first?.isGateway ? 100 : 0) + (first?.order ?? 0));
      expect(heads).toEqual([...new Set(heads)].sort((a, b) => a - b));
    }),
    { numRuns: 500 },
  );
});
