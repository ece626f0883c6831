const CONTROL = /\s*\p{Cc}+\s*/gu;

/**
 * The same data with every text on one line and without control characters: annotations and what admission webhooks say
 * are written by others, and a terminal would obey them.
 */
export function printable<T>(data: T): T {
  return JSON.parse(JSON.stringify(data), (_, value: unknown) =>
    typeof value === 'string' ? value.replace(CONTROL, ' ') : value,
  ) as T;
}
