import { changeText } from '../../engine/injector/change-text';
import type { Difference } from '../../engine/injector/differences';

/** The minimum length of a common prefix that is omitted. */
const LEAST = 8;

/**
 * The change without the common prefix of both values: `…:1.30.2-distroless → …:1.31.1-distroless`. Only names with
 * parts, such as images, are shortened, and only by whole parts.
 */
export function shortChange({ old, new: now }: Pick<Difference, 'old' | 'new'>): string {
  const length = /\s/.test(old + now) ? 0 : commonPart(old, now);
  return length < LEAST ? changeText({ old, new: now }) : `…${old.slice(length)} → …${now.slice(length)}`;
}

/** The message of a plan with shortened changes. */
export function shortMessage(message: string, differences: readonly Difference[]): string {
  return differences.reduce(
    (text, difference) => text.replaceAll(changeText(difference), () => shortChange(difference)),
    message,
  );
}

/** The length of the common prefix, up to its last `/` or `:`. */
function commonPart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) {
    length += 1;
  }
  const common = one.slice(0, length);
  return Math.max(common.lastIndexOf('/'), common.lastIndexOf(':'));
}
