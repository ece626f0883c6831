import fc from 'fast-check';
import { ListItems, type ArrayTexts } from '../../../lib/engine/cluster/list-items';

const NOTHING = { omitted: new Set<string>(), asText: new Set<string>() };

/** Reads the text in pieces of `size` bytes. */
function read(text: string, size: number, unparsed = NOTHING) {
  const items: { item: unknown; arrays: ArrayTexts }[] = [];
  const list = new ListItems(unparsed, (one, arrays) => items.push({ item: JSON.parse(one), arrays }));
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) {
    list.push(Buffer.from(bytes.subarray(start, start + size)));
  }
  return { items, rest: list.rest() };
}

describe('the items of a list', () => {
  it('are those of the whole text, wherever it is cut, and what is around them stays', () => {
    const items = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' })));
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 40 }), fc.boolean(), (expected, size, isIndented) => {
        const list = { kind: 'List', metadata: { continue: 'a "]}\\' }, items: expected, more: [{ items: [{}] }] };
        const found = read(JSON.stringify(list, undefined, isIndented ? 2 : 0), size);
        expect(found.items.map(({ item }) => JSON.stringify(item))).toEqual(expected.map((one) => JSON.stringify(one)));
        expect(JSON.parse(found.rest)).toEqual({ ...JSON.parse(JSON.stringify({ ...list, items: [] })) });
      }),
    );
  });

  it('come without the arrays that are not wanted, and with the others as text', () => {
    const item = {
      metadata: { name: 'a "b\\', managedFields: [{ manager: 'x]}"' }], finalizers: ['keep'] },
      spec: { managedFields: ['another'], containers: [{ name: 'ä', env: [{ name: 'A', value: '[{' }] }], replicas: 1 },
    };
    const unparsed = { omitted: new Set(['metadata.managedFields']), asText: new Set(['spec.containers']) };
    for (const size of [1, 7, 10_000]) {
      const { items } = read(JSON.stringify({ items: [item, item] }), size, unparsed);
      expect(items).toEqual(
        [item, item].map(({ metadata, spec }) => ({
          item: { metadata: { ...metadata, managedFields: [] }, spec: { ...spec, containers: [] } },
          arrays: { 'spec.containers': JSON.stringify(spec.containers) },
        })),
      );
    }
  });

  it('are taken apart in a list that is larger than what is held of it', () => {
    const items = Array.from({ length: 2_000 }, (_, index) => ({
      metadata: { name: `"${String(index)}`, managedFields: ['y'.repeat(index % 700)], labels: { app: 'ö' } },
      spec: { containers: [{ name: String(index), args: ['z'.repeat(index % 500)] }], nodeName: 'here' },
    }));
    const unparsed = { omitted: new Set(['metadata.managedFields']), asText: new Set(['spec.containers']) };
    for (const size of [4_099, 65_536]) {
      const found = read(JSON.stringify({ metadata: { continue: 'next' }, items }), size, unparsed);
      expect(found.items).toEqual(
        items.map(({ metadata, spec }) => ({
          item: { metadata: { ...metadata, managedFields: [] }, spec: { ...spec, containers: [] } },
          arrays: { 'spec.containers': JSON.stringify(spec.containers) },
        })),
      );
      expect(found.rest).toBe('{"metadata":{"continue":"next"},"items":[]}');
    }
  });

  it('may be larger than what is read at once', () => {
    const large = { data: { text: 'x'.repeat(1_000_000) } };
    expect(read(JSON.stringify({ items: [{}, large, {}] }), 60_000).items.map(({ item }) => item)).toEqual([
      {},
      large,
      {},
    ]);
  });

  it.each(['{"items":null}', '{"kind":"Status"}', '<html>no list</html>', '{"items":[{"a":1},{"b"', ''])(
    'leave the rest of %j as it is',
    (text) => {
      const { items, rest } = read(text, 3);
      expect(rest).toBe(text.replace('{"a":1},', ''));
      expect(items).toHaveLength(text.includes('{"a":1}') ? 1 : 0);
    },
  );
});
