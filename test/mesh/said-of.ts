import type { Chart } from 'cdk8s';
import { emptyChart, synthesized } from './synthesis';
import { warningsOf } from './warnings-of';

/** What constructs say when they are created, and an app when it is synthesized: errors and warnings, a line each. */
export function saidOf(fill: (chart: Chart) => unknown): string[] {
  const chart = emptyChart();
  return warningsOf(() => {
    try {
      fill(chart);
      synthesized(chart);
    } catch (error) {
      process.stderr.write((error as Error).message);
    }
  });
}
