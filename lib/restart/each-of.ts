/** How much of the work may be under way at once. */
export interface Concurrency<T> {
  readonly limit: number;
  /** A further limit, for the items that have this in common. */
  readonly group?: { readonly of: (item: T) => string; readonly limit: number };
}

/**
 * Runs the work for all items, in their order as far as the limits allow; the first failure stops the rest from starting,
 * and is thrown when what had started is done.
 */
export async function eachOf<T>(
  items: readonly T[],
  { limit, group }: Concurrency<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const busy = new Map<string, number>();
  const count = (item: T, change: number) => {
    if (group) busy.set(group.of(item), (busy.get(group.of(item)) ?? 0) + change);
  };
  const isFree = (item: T) => !group || (busy.get(group.of(item)) ?? 0) < group.limit;
  const underWay = new Set<Promise<void>>();
  const start = (item: T) => {
    count(item, 1);
    const done = work(item)
      .catch((error: unknown) => {
        failures.push(error);
        queue.length = 0;
      })
      .then(() => {
        count(item, -1);
        underWay.delete(done);
      });
    underWay.add(done);
  };
  while (queue.length > 0 || underWay.size > 0) {
    for (let index = 0; index < queue.length && underWay.size < limit;) {
      const item = queue[index] as T;
      if (isFree(item)) {
        queue.splice(index, 1);
        start(item);
      } else {
        index += 1;
      }
    }
    await Promise.race(underWay);
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}
