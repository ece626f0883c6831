import type { LoadSecond } from '../test/traffic/traffic-app';

/** When a request was due: before, during or after what is measured. */
export const PHASES = ['before', 'during', 'after'] as const;
export type Phase = (typeof PHASES)[number];

/** In milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/**
 * How long requests took, by phase.
 *
 * @param loads the requests of each load, by the second in which they were due
 * @param began in milliseconds since 1970, like `ended`
 */
export function latencyOf(
  loads: readonly Readonly<Record<string, LoadSecond>>[],
  began: number,
  ended: number,
): Readonly<Record<Phase, Latency>> {
  const counts: Record<Phase, Map<number, number>> = { before: new Map(), during: new Map(), after: new Map() };
  for (const [second, { millis }] of loads.flatMap((one) => Object.entries(one))) {
    const due = Number(second) * 1_000;
    const phase = counts[due + 1_000 <= began ? 'before' : due < ended ? 'during' : 'after'];
    for (const [took, requests] of Object.entries(millis)) {
      phase.set(Number(took), (phase.get(Number(took)) ?? 0) + requests);
    }
  }
  const of = (phase: Phase) => ({ p50: quantile(counts[phase], 0.5), p99: quantile(counts[phase], 0.99) });
  return { before: of('before'), during: of('during'), after: of('after') };
}

/**
 * The smallest value that at least this share of all counted values do not exceed.
 *
 * @throws RangeError without values
 */
function quantile(counts: ReadonlyMap<number, number>, share: number): number {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  let left = Math.ceil(share * sorted.reduce((sum, [, count]) => sum + count, 0));
  for (const [value, count] of sorted) {
    left -= count;
    if (left <= 0) return value;
  }
  throw new RangeError('nothing was measured');
}
