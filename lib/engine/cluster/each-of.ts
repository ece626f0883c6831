/** How much of the work may be under way at once. */
export interface Concurrency<T> {
  readonly limit: number;
  /** A further limit, for the items that have this in common. */
  readonly group?: {
    readonly of: (item: T) => string;
    readonly limit: number;
    /**
     * An item waits for those of its group that have a lower one, and for no other group. The items of a group come sorted
     * by it.
     *
     * @default - no item waits for another
     */
    readonly rank?: (item: T) => number;
  };
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
  /** How many items of a group are under way, all of one rank. */
  const busy = new Map<string, { readonly count: number; readonly rank: number }>();
  const rankOf = (item: T) => group?.rank?.(item) ?? 0;
  const busyWith = (item: T) => busy.get(group?.of(item) ?? '')?.count ?? 0;
  const count = (item: T, change: number) => {
    if (group) busy.set(group.of(item), { count: busyWith(item) + change, rank: rankOf(item) });
  };
  const isFree = (item: T) =>
    !group || busyWith(item) === 0 || (busyWith(item) < group.limit && busy.get(group.of(item))?.rank === rankOf(item));
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
