/** A percentage with enough digits to distinguish a small one from 0. */
export function percentText(percent: number): string {
  return `${String(Number(percent.toPrecision(3)))} %`;
}
