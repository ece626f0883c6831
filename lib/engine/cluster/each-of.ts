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
  let underWay = 0;
  let onDone: () => void = () => undefined;
  const start = async (item: T) => {
    count(item, 1);
    underWay += 1;
    try {
      await work(item);
    } catch (error) {
      failures.push(error);
      queue.length = 0;
    }
    count(item, -1);
    underWay -= 1;
    onDone();
  };
  while (queue.length > 0 || underWay > 0) {
    for (let index = 0; index < queue.length && underWay < limit;) {
      const item = queue[index] as T;
      if (isFree(item)) {
        queue.splice(index, 1);
        void start(item);
      } else {
        index += 1;
      }
    }
    await new Promise<void>((resolve) => {
      onDone = resolve;
    });
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}
