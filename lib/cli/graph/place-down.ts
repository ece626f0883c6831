import type { Item, LayeredGraph } from './layered-graph';

/** The vertical extent of a box. */
export interface BandPlace {
  readonly band: string;
  readonly top: number;
  readonly bottom: number;
  readonly firstColumn: number;
  readonly lastColumn: number;
}

export interface PlacesDown {
  /** The top of each item, in pixels. */
  readonly tops: ReadonlyMap<Item, number>;
  readonly bands: readonly BandPlace[];
  readonly bottom: number;
}

const BOX_TITLE = 30;
const BOX_PADDING = 16;
const BOX_GAP = 18;
const ITEM_GAP = 14;

/** Places items in the order of their column, without overlaps, each near the middle of its neighbors. */
export function placeDown({ columns, bands }: LayeredGraph, start: number): PlacesDown {
  const tops = new Map<Item, number>();
  const places: BandPlace[] = [];
  const runs: {
    readonly column: number;
    readonly items: readonly Item[];
    readonly top: number;
    readonly room: number;
  }[] = [];
  let y = start;
  for (const band of bands) {
    const members = columns.map(({ items }) => items.filter((item) => item.band === band));
    const room = Math.max(...members.map(stackHeight));
    const top = y + BOX_TITLE;
    const used = members.flatMap((items, column) => (items.some(({ node }) => node !== undefined) ? [column] : []));
    places.push({
      band,
      top: y,
      bottom: top + room + BOX_PADDING,
      firstColumn: used[0] ?? 0,
      lastColumn: used.at(-1) ?? 0,
    });
    for (const [column, items] of members.entries()) runs.push({ column, items, top, room });
    y = top + room + BOX_PADDING + BOX_GAP;
  }
  const bottom = Math.max(start, y - BOX_GAP);
  for (const [column, { items }] of columns.entries()) {
    const entries = items.filter(({ band }) => band === undefined);
    const room = Math.max(bottom - start, stackHeight(entries));
    if (entries.length > 0) runs.push({ column, items: entries, top: start, room });
  }
  for (const { items, top, room } of runs) {
    let next = top + (room - stackHeight(items)) / 2;
    for (const item of items) {
      tops.set(item, next);
      next += item.height + ITEM_GAP;
    }
  }
  const middle = (item: Item) => (tops.get(item) ?? 0) + item.height / 2;
  const settle = (isForward: boolean) => {
    const ordered = [...runs].sort((one, other) => (isForward ? one.column - other.column : other.column - one.column));
    for (const { items, top, room } of ordered) {
      const wanted = items.map((item) => {
        const others = isForward ? item.in.map(({ from }) => from) : item.out.map(({ to }) => to);
        const middles = others.map(middle);
        const mean = middles.reduce((sum, one) => sum + one, 0) / middles.length;
        return (middles.length > 0 ? mean : middle(item)) - item.height / 2;
      });
      for (const [index, place] of inOrder(items, wanted, top, room).entries()) {
        const item = items[index];
        if (item) tops.set(item, place);
      }
    }
  };
  settle(false);
  settle(true);
  settle(false);
  const lowest = [...tops].reduce((low, [item, top]) => Math.max(low, top + item.height), bottom);
  return { tops, bands: places, bottom: lowest };
}

function stackHeight(items: readonly Item[]): number {
  return items.reduce((sum, { height }) => sum + height + ITEM_GAP, -ITEM_GAP * Math.min(1, items.length));
}

/** The positions nearest to `wanted` at which items keep their order and distance: an isotonic regression. */
function inOrder(items: readonly Item[], wanted: readonly number[], top: number, room: number): readonly number[] {
  const blocks: { sum: number; count: number }[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, item] of items.entries()) {
    offsets.push(offset);
    let block = { sum: (wanted[index] ?? 0) - offset, count: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.count >= block.sum / block.count; last = blocks.at(-1)) {
      block = { sum: block.sum + last.sum, count: block.count + last.count };
      blocks.pop();
    }
    blocks.push(block);
    offset += item.height + ITEM_GAP;
  }
  const lowest = top + room - stackHeight(items);
  const starts = blocks.flatMap(({ sum, count }) =>
    Array.from({ length: count }, () => Math.round(Math.min(Math.max(sum / count, top), lowest))),
  );
  return starts.map((start, index) => start + (offsets[index] ?? 0));
}
