/**
 * Encodes text as the value of a header, in UTF-8.
 *
 * @param field the origin of the text, for errors
 * @throws Error that names the field, not the text, if the text contains a line break or a control character
 */
export function headerValue(field: string, text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.some((byte) => (byte < 0x20 && byte !== 0x09) || byte === 0x7f)) {
    throw new Error(`${field} contains a line break or a control character`);
  }
  return bytes.toString('latin1');
}
