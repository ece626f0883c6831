import fc from 'fast-check';
import { eachOf } from '../../../lib/engine/cluster/each-of';

jest.setTimeout(120_000);

interface Item {
  readonly position: number;
  readonly group: string;
  /** The number of turns of the event loop that its work takes. */
  readonly turns: number;
  readonly fails: boolean;
}

const items = (fails: fc.Arbitrary<boolean>, turns = fc.nat(3)) =>
  fc
    .array(fc.record({ group: fc.constantFrom('a', 'b', 'c'), turns, fails }), { maxLength: 15 })
    .map((list) => list.map((one, position): Item => ({ ...one, position })));
const limits = fc.record({ limit: fc.integer({ min: 1, max: 5 }), perGroup: fc.integer({ min: 1, max: 3 }) });

/** Does the work, and records what happens in it. */
async function record(list: readonly Item[], limit: number, perGroup: number | undefined) {
  const started: Item[] = [];
  const underWay = new Set<Item>();
  const peaks: { readonly all: number; readonly group: number }[] = [];
  const startedAfterFailure: Item[] = [];
  /** Items that could have been under way but were not, at moments when they should have been started already. */
  const idle: (readonly Item[])[] = [];
  const of = (name: string) => [...underWay].filter(({ group }) => group === name).length;
  let failed = false;
  const group = perGroup === undefined ? undefined : { of: (item: Item) => item.group, limit: perGroup };
  const result = await eachOf(list, { limit, group }, async (item) => {
    if (failed) startedAfterFailure.push(item);
    started.push(item);
    underWay.add(item);
    peaks.push({ all: underWay.size, group: of(item.group) });
    for (let turn = 0; turn < item.turns; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      const waiting = list.filter((one) => !started.includes(one) && of(one.group) < (perGroup ?? limit));
      if (!failed && underWay.size < limit && waiting.length > 0) idle.push(waiting);
    }
    underWay.delete(item);
    if (item.fails) {
      failed = true;
      throw new Error(`item ${String(item.position)} failed`);
    }
  }).then(
    () => 'done',
    (error: unknown) => (error as Error).message,
  );
  return { started, peaks, leftUnderWay: underWay.size, startedAfterFailure, idle, result };
}

describe('eachOf, for any work', () => {
  test('does all of it once, keeps to both limits, and leaves nothing waiting that they allow', async () => {
    await fc.assert(
      fc.asyncProperty(items(fc.constant(false)), limits, async (list, { limit, perGroup }) => {
        const { started, peaks, leftUnderWay, idle, result } = await record(list, limit, perGroup);
        expect(result).toBe('done');
        expect(leftUnderWay).toBe(0);
        expect([...started].sort((a, b) => a.position - b.position)).toEqual(list);
        expect(peaks.every(({ all, group }) => all <= limit && group <= perGroup)).toBe(true);
        expect(idle).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('starts what has something in common in its order, and all of it so without groups', async () => {
    await fc.assert(
      fc.asyncProperty(items(fc.constant(false)), limits, async (list, { limit, perGroup }) => {
        const grouped = (await record(list, limit, perGroup)).started;
        for (const name of ['a', 'b', 'c']) {
          expect(grouped.filter(({ group }) => group === name)).toEqual(list.filter(({ group }) => group === name));
        }
        expect((await record(list, limit, undefined)).started).toEqual(list);
      }),
      { numRuns: 200 },
    );
  });

  test('starts nothing after a failure, waits for what is under way, and throws a failure', async () => {
    await fc.assert(
      fc.asyncProperty(
        items(fc.boolean(), fc.integer({ min: 1, max: 3 })),
        limits,
        async (list, { limit, perGroup }) => {
          const { started, leftUnderWay, startedAfterFailure, result } = await record(list, limit, perGroup);
          const failures = started
            .filter(({ fails }) => fails)
            .map(({ position }) => `item ${String(position)} failed`);
          expect(leftUnderWay).toBe(0);
          expect(failures.length === 0 ? ['done'] : failures).toContain(result);
          expect(startedAfterFailure).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
