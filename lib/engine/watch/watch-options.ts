import { LONGEST_TIMER_MILLISECONDS } from '../cluster/within-limits';
import { RestartError } from '../restart-error';
import { checkOptions, type RestartOptions } from '../run/restart-options';
import type { LeaseOptions } from './leadership';
import type { WatchEvent } from './watch-event';

/** Options of `watchRestarts`. All of them have a default. */
export interface WatchOptions extends Omit<RestartOptions, 'confirm' | 'onEvent' | 'strictFollows' | 'except'> {
  /**
   * Seconds after which a run starts even if nothing has changed.
   *
   * @default 600
   */
  readonly resyncSeconds?: number;
  /**
   * After a change, a run starts when there has been no further change for this number of seconds, at the latest after
   * ten times as long.
   *
   * @default 5
   */
  readonly quietSeconds?: number;
  /**
   * A Lease, so that only one of several processes restarts workloads.
   *
   * @default - there is only this process
   */
  readonly lease?: LeaseOptions;
  /**
   * Receives events. Errors in this function do not stop the watch.
   *
   * @default - events are not passed on
   */
  readonly onEvent?: (event: WatchEvent) => void;
}

/** The longest possible timer. */
const MOST_SECONDS = Math.floor(LONGEST_TIMER_MILLISECONDS / 1_000);

/** @throws RestartError `InvalidOption` */
export function checkWatchOptions(options: WatchOptions): void {
  checkOptions(options);
  const { resyncSeconds, quietSeconds, lease } = options;
  const problem = (name: string, value: number | undefined, least: number, isValid = Number.isFinite) =>
    value === undefined || (isValid(value) && value >= least && value <= MOST_SECONDS)
      ? []
      : [
          `${name} is ${String(value)}: write a ${isValid === Number.isInteger ? 'whole ' : ''}number from ${String(least)} to ${String(MOST_SECONDS)}`,
        ];
  const problems = [
    ...problem('resyncSeconds', resyncSeconds, 1),
    ...problem('quietSeconds', quietSeconds, 0),
    ...problem('lease.durationSeconds', lease?.durationSeconds, 3, Number.isInteger),
  ];
  if (problems.length > 0) {
    throw new RestartError('InvalidOption', `${problems.join('; ')}.`);
  }
}
