import type { Duration } from 'cdk8s';

/** A duration in milliseconds, without binary rounding errors: 16.124 seconds are 16124. */
export function milliseconds(duration: Duration): number {
  const exact = duration.toMilliseconds({ integral: false });
  const whole = Math.round(exact);
  return Math.abs(exact - whole) <= Math.abs(exact) * Number.EPSILON * 4 ? whole : exact;
}

/** A duration in the format of Istio's API, in seconds, such as `1.5s`. */
export function istioDuration(duration: Duration): string {
  return `${String(milliseconds(duration) / 1000)}s`;
}

// The API server and istiod cannot parse longer durations, because they store nanoseconds in 64 bits.
const MAX_MILLISECONDS = Math.floor((2 ** 63 - 1) / 1e6);

/** The problem with a duration, if any. Istio accepts whole milliseconds, at least one. */
export function durationProblem(prop: string, duration: Duration | undefined): string[] {
  if (duration === undefined) return [];
  const length = milliseconds(duration);
  if (length < 1) {
    return [`${prop} ${istioDuration(duration)} is too short: write at least Duration.millis(1), or leave it out`];
  }
  if (!(length <= MAX_MILLISECONDS)) {
    return [`${prop} ${istioDuration(duration)} is too long: write at most Duration.days(106751)`];
  }
  return Number.isInteger(length)
    ? []
    : [`${prop} ${istioDuration(duration)} is too precise: write a whole number of milliseconds`];
}
