const MAX_INT32 = 2 ** 31 - 1;

/**
 * The problem with a number that must be whole and in a range, if any. Without `to`, the range ends at the maximum of
 * int32.
 */
export function wholeNumberProblem(prop: string, value: number | undefined, from: number, to?: number): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= from && value <= (to ?? MAX_INT32))) return [];
  const range = to === undefined ? `of at least ${String(from)}` : `from ${String(from)} to ${String(to)}`;
  return [`${prop} ${String(value)} is out of range: write a whole number ${range}`];
}

/** The problem with a percentage of requests, if any. Proxies count in millionths. */
export function percentProblem(prop: string, percent: number | undefined): string[] {
  return percent === undefined || percent === 0 || (percent >= 0.0001 && percent <= 100)
    ? []
    : [`${prop} ${String(percent)} is out of range: write 0, or a number from 0.0001 to 100`];
}
