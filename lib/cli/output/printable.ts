import { UNPRINTABLE } from '../../engine/cluster/clean-text';

const CONTROL = new RegExp(`[${UNPRINTABLE}]`, 'u');
/** Blanks and control characters in a row, found in one pass: a pattern that looks for the control character itself takes quadratic time. */
const RUN = new RegExp(String.raw`[${UNPRINTABLE}\s]+`, 'gu');

/**
 * The same data with every text on one line, without control characters and blanks around it: annotations and what admission webhooks say
 * are written by others, and a terminal would obey them.
 */
export function printable<T>(data: T): T {
  return JSON.parse(JSON.stringify(data), (_, value: unknown) =>
    typeof value === 'string' ? value.replace(RUN, (run) => (CONTROL.test(run) ? ' ' : run)).trim() : value,
  ) as T;
}
