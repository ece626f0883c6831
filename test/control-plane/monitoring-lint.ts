import { execFileSync } from 'node:child_process';

import { monitoringLintSource } from './program-sources';
import { locatePrograms } from './programs';

/** Prometheus' own linter of metrics and parser of queries, and Grafana's own schema of dashboards. */
export class MonitoringLint {
  /** Builds the program, unless it was built before. */
  static async ready(): Promise<MonitoringLint> {
    return new MonitoringLint((await locatePrograms([monitoringLintSource])).path(monitoringLintSource.name));
  }

  private constructor(private readonly program: string) {}

  /** The problems of metrics as text. */
  metrics(text: string): string[] {
    return this.problems('metrics', text);
  }

  /** The problems of queries. */
  queries(expressions: readonly string[]): string[] {
    return this.problems('queries', expressions.join('\n'));
  }

  /** The problems of a dashboard as JSON. */
  dashboard(json: string): string[] {
    return this.problems('dashboard', json);
  }

  private problems(what: string, input: string): string[] {
    return execFileSync(this.program, [what], { input, encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '');
  }
}
