import { UNPRINTABLE } from '../../engine/cluster/clean-text';

/** Characters that occur in JSON only within strings, where each can be escaped. Line breaks are part of the layout. */
const RAW = new RegExp(String.raw`(?!\n)[${UNPRINTABLE}\p{Cs}]`, 'gu');

/**
 * JSON for programs. It is also safe to print on a terminal, because control characters are escaped, not replaced.
 *
 * @param indent spaces per level; 0 for a single line
 */
export function asJson(data: object, indent = 2): string {
  return JSON.stringify(data, null, indent).replace(
    RAW,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
