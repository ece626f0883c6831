/** As in a class of a pattern: control characters, marks that turn the direction of text, and what some programs take for the end of a line. */
export const UNPRINTABLE = String.raw`\p{Cc}\p{Bidi_Control}\u2028\u2029`;
const CHARACTER = new RegExp(`[${UNPRINTABLE}]`, 'gu');
const LAYOUT = ['\n', '\t'];

/**
 * The text with a blank in place of each unprintable character but line breaks and tabs. What others write in a cluster,
 * such as annotations and refusals of admission webhooks, comes to terminals, Events and logs through here.
 */
export function cleanText(text: string): string {
  return text.replace(CHARACTER, (character) => (LAYOUT.includes(character) ? character : ' '));
}
