import type { Item, LayeredGraph, Segment } from './layered-graph';

const SWEEPS = 6;
/** Positions are between 0 and 1, so this one comes last. */
const LAST = 2;

/** Orders the items of each column so that few edges cross. Items of a box stay together. */
export function orderColumns({ columns, bands, edges }: LayeredGraph): void {
  const bandIndex = new Map(bands.map((band, index) => [band, index]));
  const places = new Map<Item, number>();
  const number = (items: readonly Item[]) => {
    for (const [index, item] of items.entries()) places.set(item, (index + 0.5) / items.length);
  };
  const sort = (items: Item[], weights: ReadonlyMap<Item, number>) => {
    const groups = groupWeights(items, weights);
    const keys = new Map(
      items.map((item) => [
        item,
        [bandIndex.get(item.band ?? '') ?? 0, groups.get(item.group) ?? 0, item.group, weights.get(item) ?? 0, item.id],
      ]),
    );
    items.sort((one, other) => compare(keys.get(one) ?? [], keys.get(other) ?? []));
    number(items);
  };
  for (const { items } of columns) {
    sort(items, new Map());
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 1;
    for (const { items } of isForward ? columns : [...columns].reverse()) {
      // Items without incoming edges come after the items of their group.
      const unconnected = isForward ? LAST : undefined;
      const weights = new Map(
        items.map((item) => [item, mean(neighbours(item, isForward), places) ?? unconnected ?? places.get(item) ?? 0]),
      );
      sort(items, weights);
    }
  }
  const isBefore = (one: Item, other: Item) => (places.get(one) ?? 0) - (places.get(other) ?? 0);
  const order = new Map(edges.map((edge, index) => [edge, index]));
  const byEdge = (one: Segment, other: Segment) => (order.get(one.edge) ?? 0) - (order.get(other.edge) ?? 0);
  for (const { items } of columns) {
    for (const item of items) {
      item.in.sort((one, other) => isBefore(one.from, other.from) || byEdge(one, other));
      // Rules keep their order, since the first matching rule applies.
      const hasRules = item.node?.kind === 'host' || item.node?.kind === 'delegate';
      item.out.sort((one, other) => (hasRules ? 0 : isBefore(one.to, other.to)) || byEdge(one, other));
    }
  }
}

function neighbours(item: Item, isForward: boolean): readonly Item[] {
  return isForward ? item.in.map(({ from }) => from) : item.out.map(({ to }) => to);
}

function groupWeights(items: readonly Item[], weights: ReadonlyMap<Item, number>): ReadonlyMap<string, number> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.group);
    if (group) group.push(item);
    else groups.set(item.group, [item]);
  }
  return new Map(
    [...groups].map(([group, members]) => [
      group,
      mean(
        members.filter((item) => weights.get(item) !== LAST),
        weights,
      ) ?? LAST,
    ]),
  );
}

function mean(items: readonly Item[], values: ReadonlyMap<Item, number>): number | undefined {
  return items.length === 0 ? undefined : items.reduce((sum, item) => sum + (values.get(item) ?? 0), 0) / items.length;
}

function compare(one: readonly (string | number)[], other: readonly (string | number)[]): number {
  for (const [index, value] of one.entries()) {
    const against = other[index] ?? 0;
    if (value !== against) return value < against ? -1 : 1;
  }
  return 0;
}
