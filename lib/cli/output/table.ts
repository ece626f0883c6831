import type { Terminal } from '../terminal';
import { wrappedText } from './wrapped-text';

/** How text is styled: as {@link Terminal.style} does, or not at all. */
export type Paint = (style: Style, text: string) => string;
export type Style = Parameters<Terminal['style']>[0];

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

export interface Row {
  readonly cells: readonly (string | Cell)[];
  /** Lines that belong to the row, below it and indented. */
  readonly below?: readonly string[];
}

export interface Space {
  /** In characters; Infinity for no limit. */
  readonly columns: number;
  readonly paint: Paint;
}

const GAP = '  ';
/** What the last column needs to be read beside the others; with less, it goes below them. */
const LEAST = 30;

/**
 * Columns as kubectl aligns them. The last one takes what is left of the width and wraps; the others are never cut,
 * since their texts are there to be copied.
 */
export function table(header: readonly string[], rows: readonly Row[], { columns, paint }: Space): readonly string[] {
  const all: readonly (readonly Cell[])[] = [
    header.map((text) => ({ text, style: 'bold' as const })),
    ...rows.map(({ cells }) => cells.map((cell) => (typeof cell === 'string' ? { text: cell } : cell))),
  ];
  const widths = header.slice(0, -1).map((_, index) => Math.max(...all.map((cells) => cells[index]?.text.length ?? 0)));
  const before = widths.reduce((sum, width) => sum + width + GAP.length, 0);
  const isBeside = columns - before >= LEAST;
  return all.flatMap((cells, index) => {
    const aligned = widths.map((width, column) => {
      const { text, style } = cells[column] ?? { text: '' };
      return (style ? paint(style, text) : text) + ' '.repeat(width - text.length);
    });
    const last = cells.at(-1) ?? { text: '' };
    const indent = isBeside ? before : GAP.length;
    const lines = wrappedText(last.text, Math.max(columns - indent, 1)).map((line) =>
      last.style ? paint(last.style, line) : line,
    );
    const first = aligned.join(GAP);
    const below = (rows[index - 1]?.below ?? []).flatMap((line) => indented(line, columns));
    const beside = lines.map((line, number) => (number === 0 ? `${first}${GAP}${line}` : ' '.repeat(indent) + line));
    const stacked = index === 0 || last.text === '' ? [first] : [first, ...lines.map((line) => GAP + line)];
    return [...(isBeside ? beside : stacked), ...below].map((line) => line.trimEnd());
  });
}

function indented(line: string, columns: number): readonly string[] {
  return wrappedText(line, Math.max(columns - 3 * GAP.length, 1)).map(
    (part, number) => GAP.repeat(number === 0 ? 2 : 3) + part,
  );
}
