import type { Chart } from 'cdk8s';
import { emptyChart, synthesized } from './synthesis';
import { warningsOf } from './warnings-of';

/** The errors and warnings of constructs when they are created, and of an app when it is synthesized, one per line. */
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
