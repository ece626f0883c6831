import { eachOf } from '../../../lib/engine/cluster/each-of';

/** Work that ends by itself, and a record of what was under way at each start. */
function workshop() {
  const underWay = new Set<string>();
  const seen: string[] = [];
  const work = async (item: string) => {
    underWay.add(item);
    seen.push([...underWay].sort().join(' '));
    await new Promise((resolve) => setImmediate(resolve));
    underWay.delete(item);
  };
  return { seen, work };
}

describe('eachOf', () => {
  test('keeps as much under way as it may, in order', async () => {
    const { seen, work } = workshop();
    await eachOf(['a1', 'b1', 'a2'], { limit: 2 }, work);
    expect(seen).toEqual(['a1', 'a1 b1', expect.stringContaining('a2')]);
  });

  test('keeps to the limit of a group, and fills up with others', async () => {
    const { seen, work } = workshop();
    const group = { of: ([first = '']: string) => first, limit: 1 };
    await eachOf(['a1', 'a2', 'b1', 'a3'], { limit: 3, group }, work);
    expect(seen.slice(0, 2)).toEqual(['a1', 'a1 b1']);
    expect(seen.every((together) => !/a\d.*a\d/.test(together))).toBe(true);
    expect(seen).toHaveLength(4);
  });

  test('lets an item wait for those of its group that have a lower rank, and for no other group', async () => {
    const { seen, work } = workshop();
    const group = { of: ([first = '']: string) => first, limit: 4, rank: (item: string) => Number(item[1]) };
    await eachOf(['a1x', 'a1y', 'a2', 'b7', 'b8'], { limit: 4, group }, work);
    expect(seen.slice(0, 3)).toEqual(['a1x', 'a1x a1y', 'a1x a1y b7']);
    expect(seen).toHaveLength(5);
    expect(seen.every((together) => !/a1.*a2|b7.*b8/.test(together))).toBe(true);
  });

  test('starts nothing after a failure, and throws it once the rest is done', async () => {
    const done: string[] = [];
    const run = eachOf(['bad', 'slow', 'never'], { limit: 2 }, async (item) => {
      if (item === 'bad') throw new Error('it is bad');
      await new Promise((resolve) => setTimeout(resolve, 20));
      done.push(item);
    });
    await expect(run).rejects.toThrow('it is bad');
    expect(done).toEqual(['slow']);
  });

  test('has nothing to do for no items', async () => {
    await expect(eachOf([], { limit: 1 }, () => Promise.reject(new Error('never')))).resolves.toBeUndefined();
  });
});
