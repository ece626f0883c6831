import { changeText } from '../../engine/injector/change-text';
import type { Difference } from '../../engine/injector/differences';

/** What two values that are names, as images are, have to have in common before it is worth leaving out. */
const LEAST = 8;

/**
 * The change without what both values begin with: `…:1.30.2-distroless → …:1.31.1-distroless`. Only of names with parts,
 * such as images; between two parts alone.
 */
export function shortChange({ old, new: now }: Pick<Difference, 'old' | 'new'>): string {
  const length = /\s/.test(old + now) ? 0 : commonPart(old, now);
  return length < LEAST ? changeText({ old, new: now }) : `…${old.slice(length)} → …${now.slice(length)}`;
}

/** The sentence of a plan with its changes shortened. */
export function shortMessage(message: string, differences: readonly Difference[]): string {
  return differences.reduce(
    (text, difference) => text.replaceAll(changeText(difference), () => shortChange(difference)),
    message,
  );
}

/** How long what both begin with is, up to the last `/` or `:` in it. */
function commonPart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) {
    length += 1;
  }
  const common = one.slice(0, length);
  return Math.max(common.lastIndexOf('/'), common.lastIndexOf(':'));
}
