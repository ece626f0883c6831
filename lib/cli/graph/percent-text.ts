/** A percentage with as many digits as it takes to tell small ones from none. */
export function percentText(percent: number): string {
  return `${String(Number(percent.toPrecision(3)))} %`;
}
