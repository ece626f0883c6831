import type { Chart } from 'cdk8s';
import { warningsOf } from '../warnings-of';
import { problemsOf } from './problems-of';

/** What synthesis of an app with this Chart reports: the problems, and then the warnings. */
export function messagesOf(fill: (chart: Chart) => void): string[] {
  let problems: string[] = [];
  const warnings = warningsOf(() => {
    problems = problemsOf(fill);
  });
  return [...problems, ...warnings];
}
