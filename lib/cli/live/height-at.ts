/** The number of rows that lines take up after the terminal was resized to this width. */
export function heightAt(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(Array.from(line).length / columns)), 0);
}
