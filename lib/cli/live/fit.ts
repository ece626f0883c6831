/** The text, truncated to a number of characters. */
export function fit(text: string, columns: number): string {
  const characters = Array.from(text);
  if (characters.length <= columns) {
    return text;
  }
  return columns < 1
    ? ''
    : `${characters
        .slice(0, columns - 1)
        .join('')
        .trimEnd()}…`;
}
