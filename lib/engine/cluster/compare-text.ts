/** Compares texts by their characters, independently of the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
