const CONTROL = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
/** Blanks and control characters in a row, found in one pass: a pattern that looks for the control character itself takes quadratic time. */
const RUN = /[\p{Cc}\p{Bidi_Control}\s]+/gu;

/**
 * The same data with every text on one line, without control characters and blanks around it: annotations and what admission webhooks say
 * are written by others, and a terminal would obey them.
 */
export function printable<T>(data: T): T {
  return JSON.parse(JSON.stringify(data), (_, value: unknown) =>
    typeof value === 'string' ? value.replace(RUN, (run) => (CONTROL.test(run) ? ' ' : run)).trim() : value,
  ) as T;
}
