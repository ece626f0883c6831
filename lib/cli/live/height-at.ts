/** How many rows the lines take that were drawn before the terminal became as narrow as this. */
export function heightAt(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(Array.from(line).length / columns)), 0);
}
