import { execFileSync } from 'node:child_process';

import { monitoringLintSource } from './program-sources';
import { locatePrograms } from './programs';

/** Prometheus' own linter for metrics and parser for queries, and Grafana's own schema for dashboards. */
export class MonitoringLint {
  /** Builds the program, unless it was built before. */
  static async ready(): Promise<MonitoringLint> {
    return new MonitoringLint((await locatePrograms([monitoringLintSource])).path(monitoringLintSource.name));
  }

  private constructor(private readonly program: string) {}

  /** The problems in metrics that are given as text. */
  metrics(text: string): string[] {
    return this.problems('metrics', text);
  }

  /** The problems in queries. */
  queries(expressions: readonly string[]): string[] {
    return this.problems('queries', expressions.join('\n'));
  }

  /** The problems in a dashboard that is given as JSON. */
  dashboard(json: string): string[] {
    return this.problems('dashboard', json);
  }

  private problems(what: string, input: string): string[] {
    return execFileSync(this.program, [what], { input, encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '');
  }
}
