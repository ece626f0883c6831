import { UNPRINTABLE } from '../../engine/cluster/clean-text';

const CONTROL = new RegExp(`[${UNPRINTABLE}]`, 'u');
/**
 * A run of whitespace and control characters. A pattern that also requires a control character in the run would take
 * quadratic time for long runs without one.
 */
const RUN = new RegExp(String.raw`[${UNPRINTABLE}\s]+`, 'gu');

/**
 * The data with every string on one line, trimmed and without control characters. Annotations and messages of admission
 * webhooks come from others, and a terminal would obey control characters in them.
 */
export function printable<T>(data: T): T {
  return JSON.parse(JSON.stringify(data), (_, value: unknown) =>
    typeof value === 'string' ? value.replace(RUN, (run) => (CONTROL.test(run) ? ' ' : run)).trim() : value,
  ) as T;
}
