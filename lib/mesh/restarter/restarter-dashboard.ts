import type { MetricsOf } from './restarter-alerts';

interface Panel {
  readonly title: string;
  readonly description: string;
  readonly type: 'stat' | 'timeseries';
  readonly unit: string;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const query = (expr: string, legendFormat = '') => ({ expr, legendFormat });
const quantile = (metric: string) =>
  query(`histogram_quantile(0.95, sum by (le) (rate(${metric}_bucket{OF}[$__rate_interval])))`, '95th percentile');

const PANELS: readonly Panel[] = [
  {
    title: 'Outdated for',
    description: 'Time since the oldest outdated workload was found.',
    type: 'stat',
    unit: 's',
    targets: [query('max(istio_module_outdated_seconds{OF})')],
  },
  {
    title: 'Last plan',
    description: 'Time since the last complete plan.',
    type: 'stat',
    unit: 's',
    targets: [query('time() - max(istio_module_last_plan_timestamp_seconds{OF})')],
  },
  {
    title: 'Injector ready',
    description: '1 if the injector uses its current configuration.',
    type: 'stat',
    unit: 'none',
    targets: [query('min(istio_module_injector_ready{OF} and istio_module_leader{OF} == 1)')],
  },
  {
    title: 'Leaders',
    description:
      'Number of leaders, which restart workloads. A value other than 1 for more than 15 seconds is a fault.',
    type: 'stat',
    unit: 'none',
    targets: [query('sum(istio_module_leader{OF})')],
  },
  {
    title: 'Workloads by decision',
    description: 'Workloads in the last plan.',
    type: 'timeseries',
    unit: 'none',
    targets: [query('sum by (decision) (istio_module_workloads{OF})', '{{decision}}')],
  },
  {
    title: 'Deferred workloads',
    description: 'Outdated workloads that wait, by reason.',
    type: 'timeseries',
    unit: 'none',
    targets: [query('sum by (reason) (istio_module_workloads_deferred{OF})', '{{reason}}')],
  },
  {
    title: 'Rollouts per hour',
    description: 'Rollouts that have ended.',
    type: 'timeseries',
    unit: 'none',
    targets: [query('sum by (outcome) (increase(istio_module_rollouts_total{OF}[1h]))', '{{outcome}}')],
  },
  {
    title: 'Runs per hour',
    description: 'Runs that have ended.',
    type: 'timeseries',
    unit: 'none',
    targets: [query('sum by (outcome) (increase(istio_module_runs_total{OF}[1h]))', '{{outcome}}')],
  },
  {
    title: 'Duration of a plan',
    description: 'Includes waits for the injector.',
    type: 'timeseries',
    unit: 's',
    targets: [quantile('istio_module_plan_duration_seconds')],
  },
  {
    title: 'Duration of a rollout',
    description: 'From the restart until all pods are ready.',
    type: 'timeseries',
    unit: 's',
    targets: [quantile('istio_module_rollout_duration_seconds')],
  },
];

const COLUMNS = 24;
const STAT = { width: 6, height: 4 };
const SERIES = { width: 12, height: 8 };

/**
 * A Grafana dashboard, as JSON. The user selects the data source in it.
 *
 * @see https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
export function restarterDashboard(uid: string, of: MetricsOf): object {
  const datasource = { type: 'prometheus', uid: '${datasource}' };
  const stats = PANELS.filter(({ type }) => type === 'stat').length;
  return {
    uid,
    title: 'Istio sidecar restarter',
    tags: ['istio'],
    schemaVersion: 39,
    editable: true,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    annotations: { list: [] },
    templating: { list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' }] },
    panels: PANELS.map(({ targets, unit, ...panel }, index) => ({
      id: index + 1,
      ...panel,
      datasource,
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      gridPos: index < stats ? place(index, STAT, 0) : place(index - stats, SERIES, STAT.height),
      targets: targets.map(({ expr, legendFormat }, number) => ({
        ...{ expr: expr.replaceAll('{OF}', `{${of}}`), legendFormat, datasource },
        refId: String.fromCharCode(65 + number),
      })),
    })),
  };
}

function place(index: number, { width, height }: typeof STAT, top: number): object {
  const perRow = COLUMNS / width;
  return { x: (index % perRow) * width, y: top + Math.floor(index / perRow) * height, w: width, h: height };
}
