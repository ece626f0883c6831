import type { Duration } from 'cdk8s';

/** A duration as Istio's API takes it: seconds, such as `1.5s`. */
export function istioDuration(duration: Duration): string {
  return `${String(duration.toMilliseconds({ integral: false }) / 1000)}s`;
}

/** The problem with a duration that is not at least a millisecond, the shortest that Istio takes, or nothing. */
export function durationProblem(prop: string, duration: Duration | undefined): string[] {
  return duration === undefined || duration.toMilliseconds({ integral: false }) >= 1
    ? []
    : [`${prop} ${istioDuration(duration)} is too short: write at least Duration.millis(1), or leave it out`];
}
