/**
 * The first table of a document that has a column of this heading: its rows, each as its cells by heading, without
 * changes to their text.
 *
 * @throws Error when there is none
 */
export function tableWith(text: string, heading: string): readonly Readonly<Record<string, string>>[] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|') && cellsOf(line).includes(heading));
  if (first < 0) {
    throw new Error(`no table has a column ${heading}`);
  }
  const headings = cellsOf(lines[first] ?? '');
  const rest = lines.slice(first + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest
    .slice(0, end < 0 ? rest.length : end)
    .map((line) => Object.fromEntries(cellsOf(line).map((cell, index) => [headings[index] ?? '', cell])));
}

/** The contents of the code spans of a text without fenced blocks. */
export function codeIn(text = ''): readonly string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'));
}

function cellsOf(line: string): readonly string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}
