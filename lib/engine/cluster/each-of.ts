/** Limits of concurrent work. */
export interface Concurrency<T> {
  readonly limit: number;
  /** A further limit, for items of the same group. */
  readonly group?: {
    readonly of: (item: T) => string;
    readonly limit: number;
    /**
     * An item waits for the items of its group that have a lower rank, and never for items of other groups. The items
     * of a group must be sorted by rank.
     *
     * @default - no item waits for another
     */
    readonly rank?: (item: T) => number;
  };
}

/**
 * Runs the work for all items, in order as far as the limits allow. After the first failure, no further work starts.
 * The failure is thrown when the running work is done.
 */
export async function eachOf<T>(
  items: readonly T[],
  { limit, group }: Concurrency<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  /** The number of running items by group, all of one rank. */
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
