import { UNPRINTABLE } from '../../engine/cluster/clean-text';

/** Raw in JSON only within texts, where an escape stands for each; line breaks are its layout. */
const RAW = new RegExp(String.raw`(?!\n)[${UNPRINTABLE}\p{Cs}]`, 'gu');

/**
 * Data for programs as JSON that a terminal, too, can be given: nothing in it is lost to cleaning.
 *
 * @param indent blanks for each level; 0 for a single line
 */
export function asJson(data: object, indent = 2): string {
  return JSON.stringify(data, null, indent).replace(
    RAW,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
