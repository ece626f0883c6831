import { onAbort } from './on-abort';

/** What ends a piece of work before it is done. */
export interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly seconds: number;
}

/** A timer that is set to more fires at once. */
export const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/** The time limit has passed. */
export class TimeUp extends Error {}

/** Runs it with a signal that fires with {@link TimeUp} at the time limit, and when the caller's own does. */
export async function withinLimits<T>(
  { signal, seconds }: Limits,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const timer = setTimeout(
    () => {
      ending.abort(new TimeUp(`no answer within ${String(seconds)} s`));
    },
    Math.min(seconds * 1000, LONGEST_TIMER_MILLISECONDS),
  );
  const release = onAbort(signal, () => {
    ending.abort(new Error('aborted'));
  });
  try {
    return await run(ending.signal);
  } finally {
    clearTimeout(timer);
    release();
  }
}
