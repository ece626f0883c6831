/** The styles of cells and lines. */
export type TextStyle = 'bold' | 'dim' | 'red' | 'yellow' | 'green';

/** What stands in a cell of a table. */
export type Cell = string | { readonly text: string; readonly style?: TextStyle; readonly align?: 'left' | 'right' };

const GAP = '   ';

/** Rows as lines whose columns stand below each other; styles do not count for their width. */
export function renderTable(
  rows: readonly (readonly Cell[])[],
  style: (style: TextStyle, text: string) => string,
): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, textOf(cell).length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const text = textOf(cell);
        const { style: own, align } = typeof cell === 'string' ? {} : cell;
        const styled = own ? style(own, text) : text;
        const room = ' '.repeat((widths[column] ?? 0) - text.length);
        const isLast = column === row.length - 1;
        return align === 'right' ? room + styled : isLast ? styled : styled + room;
      })
      .join(GAP),
  );
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
