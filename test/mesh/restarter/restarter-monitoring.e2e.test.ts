import type { RestartPlan, RunWorkload } from 'istio-module/engine';
import { RestartError } from 'istio-module/engine';
import { WatchMetrics } from '../../../lib/cli/watch/watch-metrics';
import { MonitoringLint } from '../../control-plane/monitoring-lint';
import { dashboardOf, rulesOf, watching } from './monitoring-objects';

describe("Prometheus' and Grafana's own code about the monitoring of a restarter", () => {
  let lint: MonitoringLint;

  beforeAll(async () => {
    lint = await MonitoringLint.ready();
  }, 600_000);

  /** The metrics of a watch, each of which has a value. */
  async function everyMetric(): Promise<string> {
    const metrics = new WatchMetrics(true);
    const reference = { apiVersion: 'apps/v1', kind: 'Deployment', uid: '1' };
    const cart: RunWorkload = { namespace: 'shop', kind: 'Deployment', name: 'cart', reference };
    const workloads = [
      { ...cart, decision: 'restart', reason: 'x' },
      { ...cart, name: 'db', decision: 'deferred', reason: 'OutsideWindow' },
    ];
    metrics.onEvent({ type: 'reading' });
    metrics.onEvent({ type: 'planned', plan: { workloads } as unknown as RestartPlan });
    metrics.onEvent({ type: 'rolloutBegan', workload: cart, action: 'restart' });
    metrics.onEvent({ type: 'rolloutEnded', workload: cart, outcome: 'restarted', message: '' });
    metrics.onEvent({ type: 'runFailed', error: new RestartError('InjectorUnreachable', 'no answer') });
    return metrics.text();
  }

  test('find nothing in the metrics, all of which have a value', async () => {
    const text = await everyMetric();
    const declared = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
    const written = declared.filter((name) => new RegExp(`^${name}(_count)?(\\{.*\\})? `, 'm').test(text));
    expect(written).toEqual(declared);
    expect(lint.metrics(text)).toEqual([]);
    expect(lint.metrics(text.replaceAll('istio_module_runs_total', 'istio_module_runs'))).toEqual([
      'istio_module_runs: counter metrics should have "_total" suffix',
    ]);
  });

  test('read every query of the alerts and of the dashboard', () => {
    const manifests = watching(true);
    const queries = [
      ...rulesOf(manifests).map(({ expr }) => expr),
      ...dashboardOf(manifests).panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ]
      .flatMap((expr) => expr.trim().replaceAll(/\s+/g, ' '))
      // Grafana fills in this variable.
      .map((expr) => expr.replaceAll('$__rate_interval', '5m'));
    expect(queries.length).toBeGreaterThan(10);
    expect(lint.queries(queries)).toEqual([]);
    expect(lint.queries(['sum(rate(up[5m])'])).toHaveLength(1);
  });

  test('read the dashboard by its schema', () => {
    const dashboard = dashboardOf(watching(true));
    expect(lint.dashboard(JSON.stringify(dashboard))).toEqual([]);
    const wrong = { ...dashboard, panels: dashboard.panels.map((panel) => ({ ...panel, gridPos: 'left' })) };
    expect(lint.dashboard(JSON.stringify(wrong))).not.toEqual([]);
  });
});
