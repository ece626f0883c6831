import type { Duration } from 'cdk8s';

/** A duration as Istio's API takes it: seconds, such as `1.5s`. */
export function istioDuration(duration: Duration): string {
  return `${String(duration.toMilliseconds({ integral: false }) / 1000)}s`;
}

// Beyond it, the API server and istiod do not read durations: they count nanoseconds in 64 bits.
const MAX_MILLISECONDS = Math.floor((2 ** 63 - 1) / 1e6);

/** The problem with a duration that is not whole milliseconds, at least one, as Istio takes them, or nothing. */
export function durationProblem(prop: string, duration: Duration | undefined): string[] {
  if (duration === undefined) return [];
  const milliseconds = duration.toMilliseconds({ integral: false });
  if (milliseconds < 1) {
    return [`${prop} ${istioDuration(duration)} is too short: write at least Duration.millis(1), or leave it out`];
  }
  if (!(milliseconds <= MAX_MILLISECONDS)) {
    return [`${prop} ${istioDuration(duration)} is too long: write at most Duration.days(106751)`];
  }
  return Number.isInteger(milliseconds)
    ? []
    : [`${prop} ${istioDuration(duration)} is too exact: write a whole number of milliseconds`];
}
