/**
 * Text as the value of a header, in UTF-8.
 *
 * @param field where it is from
 * @throws Error that names the field, not the text, when it has a line break or a control character in it
 */
export function headerValue(field: string, text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.some((byte) => (byte < 0x20 && byte !== 0x09) || byte === 0x7f)) {
    throw new Error(`${field} has a line break or a control character in it`);
  }
  return bytes.toString('latin1');
}
