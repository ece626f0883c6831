import type { Look, Style } from './look';
import { wrappedText } from './wrapped-text';

/** The text of a cell. A plain string has no style. */
export type Cell = string | { readonly text: string; readonly style?: Style };

export interface Column {
  readonly title: Cell;
  /** @default 'left' */
  readonly align?: 'left' | 'right';
  /**
   * Whether the column contains sentences that may wrap. Only for the last column.
   *
   * @default false
   */
  readonly wraps?: boolean;
}

export interface Row {
  /** One cell for each column. */
  readonly cells: readonly Cell[];
  /** Indented lines below the row. */
  readonly below?: readonly string[];
}

const GAP = '  ';
/** The minimum width of a column with sentences. With less space, the sentences go below the row. */
const LEAST = 30;

/**
 * Rows below their titles, aligned like kubectl's tables. If the width is too small, a column that wraps gets the
 * remaining space. Other columns are never truncated, so that their texts can be copied: those that do not fit appear
 * below their row, with their titles.
 */
export function table(columns: readonly Column[], rows: readonly Row[], look: Look): readonly string[] {
  const all: readonly Row[] = [{ cells: columns.map(({ title }) => title) }, ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map(({ cells }) => textOf(cells[index]).length)));
  const beside = columnsBeside(columns, widths, look.columns);
  const line = (cells: readonly Cell[]) => lineOf(cells.slice(0, beside), { columns, widths, look });
  return [
    ...line(columns.map(({ title }) => title)),
    ...rows.flatMap(({ cells, below = [] }) => [
      ...line(cells),
      ...columns.slice(beside).flatMap((column, index) => cellBelow(column, cells[beside + index], look)),
      ...below.flatMap((text) => indented(text, look.columns)),
    ]),
  ].map((text) => text.trimEnd());
}

/** How many of the first columns fit next to each other; at least one. */
function columnsBeside(columns: readonly Column[], widths: readonly number[], limit: number): number {
  let end = -GAP.length;
  const surplus = columns.findIndex(({ wraps = false }, index) => {
    const start = end + GAP.length;
    end = start + (widths[index] ?? 0);
    return end > limit && !(wraps && limit - start >= LEAST);
  });
  return surplus === -1 ? columns.length : Math.max(surplus, 1);
}

interface Layout {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly look: Look;
}

/** The cells next to each other; several lines if the last cell wraps. */
function lineOf(cells: readonly Cell[], { columns, widths, look }: Layout): readonly string[] {
  const start = widths.slice(0, cells.length - 1).reduce((sum, width) => sum + width + GAP.length, 0);
  const aligned = cells.map((cell, index) => {
    const { align, wraps } = columns[index] ?? {};
    const lines = wraps ? wrappedText(textOf(cell), Math.max(look.columns - start, 1)) : [textOf(cell)];
    return lines.map((line) => {
      const room = ' '.repeat(Math.max((widths[index] ?? 0) - line.length, 0));
      return align === 'right' ? room + painted(cell, look, line) : painted(cell, look, line) + room;
    });
  });
  const [, ...further] = aligned.at(-1) ?? [];
  return [aligned.map(([first = '']) => first).join(GAP), ...further.map((line) => ' '.repeat(start) + line)];
}

function cellBelow({ title, wraps }: Column, cell: Cell | undefined, look: Look): readonly string[] {
  const text = textOf(cell);
  if (text === '') {
    return [];
  }
  return wraps
    ? wrappedText(text, Math.max(look.columns - GAP.length, 1)).map((line) => GAP + painted(cell, look, line))
    : [`${GAP}${textOf(title)}: ${painted(cell, look)}`];
}

function indented(line: string, columns: number): readonly string[] {
  return wrappedText(line, Math.max(columns - 3 * GAP.length, 1)).map(
    (part, number) => GAP.repeat(number === 0 ? 2 : 3) + part,
  );
}

function textOf(cell: Cell = ''): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** The text, or one line of it, in the style of the cell. */
function painted(cell: Cell = '', { paint }: Look, line = textOf(cell)): string {
  return typeof cell === 'string' || !cell.style ? line : paint(cell.style, line);
}
