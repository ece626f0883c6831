import type { Duration } from 'cdk8s';
import { durationProblem, milliseconds } from '../istio-duration';

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;
const MAX_HOURS = 99_999;

/** A duration in the format of the Gateway API, such as `1h30m` or `1s500ms`. */
export function gatewayApiDuration(duration: Duration): string {
  let rest = milliseconds(duration);
  return UNITS.map(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count > 0 ? `${String(count)}${unit}` : '';
  }).join('');
}

/** The problem with a duration in the Gateway API, if any. */
export function gatewayApiDurationProblem(prop: string, duration: Duration | undefined): string[] {
  const problems = durationProblem(prop, duration);
  if (duration === undefined || problems.length > 0) return problems;
  return milliseconds(duration) >= (MAX_HOURS + 1) * 3_600_000
    ? [`${prop} ${gatewayApiDuration(duration)} is too long: write at most Duration.hours(${String(MAX_HOURS)})`]
    : [];
}
