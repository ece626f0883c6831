import { onAbort } from './on-abort';

/** Limits of a piece of work. */
export interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly seconds: number;
}

/** A timer with a longer delay fires immediately. */
export const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/** The time limit has passed. */
export class TimeUp extends Error {}

/** Runs work with a signal that fires with {@link TimeUp} at the time limit, or when the caller's signal fires. */
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
