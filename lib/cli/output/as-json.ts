import { UNPRINTABLE } from '../../engine/cluster/clean-text';

/** Raw in JSON only within texts, where an escape stands for each; line breaks are its layout. */
const RAW = new RegExp(String.raw`(?!\n)[${UNPRINTABLE}\p{Cs}]`, 'gu');

/** Data for programs as JSON that a terminal, too, can be given: nothing in it is lost to cleaning. */
export function asJson(data: object): string {
  return JSON.stringify(data, null, 2).replace(
    RAW,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
