/** For a character class: control characters, marks that change the direction of text, and line separators. */
export const UNPRINTABLE = String.raw`\p{Cc}\p{Bidi_Control}\u2028\u2029`;
const CHARACTER = new RegExp(`[${UNPRINTABLE}]`, 'gu');
const LAYOUT = ['\n', '\t'];

/**
 * Replaces each unprintable character except line breaks and tabs with a space. All text from a cluster, such as
 * annotations and messages of admission webhooks, passes through here before it reaches terminals, Events and logs.
 */
export function cleanText(text: string): string {
  return text.replace(CHARACTER, (character) => (LAYOUT.includes(character) ? character : ' '));
}
