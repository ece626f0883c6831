/**
 * Wraps text between words, and within words that are longer than a line.
 *
 * @param columns the maximum length of a line; values below 1 count as 1
 */
export function wrappedText(text: string, columns: number): readonly string[] {
  const width = Math.max(columns, 1);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') {
      lines.push(line);
    }
    while (rest.length > width) {
      lines.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    line = rest;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}
