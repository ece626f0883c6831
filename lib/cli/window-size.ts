/** The source of a terminal's window size. */
export type Window = Partial<Pick<NodeJS.WriteStream, 'columns' | 'rows'>>;

/** The size of a terminal's window in characters; 80 by 24 if it is unknown, as in many containers. */
export function windowSize({ columns, rows }: Window): { readonly columns: number; readonly rows: number } {
  return { columns: columns || 80, rows: rows || 24 };
}
