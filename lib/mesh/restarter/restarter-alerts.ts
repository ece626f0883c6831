/** Thresholds of a restarter's alerts. */
export interface RestarterAlertTimes {
  /** Number of seconds for which a workload may be outdated. */
  readonly outdatedSeconds: number;
  /** Number of seconds between two runs without changes. */
  readonly resyncSeconds: number;
}

/** The label matchers that select the metrics of one restarter in a query, without braces. */
export type MetricsOf = string;

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: 'warning' | 'critical';
  readonly summary: string;
  readonly description: string;
}

const PLANS_MISSED = 3;
const LEAST_SILENCE_SECONDS = 1_800;
const LEAST_RECENT_SECONDS = 3_600;

/** The groups of a PrometheusRule for problems that would otherwise go unnoticed. */
export function restarterAlerts(
  of: MetricsOf,
  { outdatedSeconds, resyncSeconds }: RestarterAlertTimes,
): readonly object[] {
  // A failed run is retried after `resync` at the latest.
  const recently = `[${String(Math.max(4 * resyncSeconds, LEAST_RECENT_SECONDS))}s]`;
  const metric = (name: string, labels = '') => `istio_module_${name}{${of}${labels}}`;
  const silence = Math.max(PLANS_MISSED * resyncSeconds, LEAST_SILENCE_SECONDS);
  const alerts: readonly Alert[] = [
    {
      alert: 'SidecarsOutdated',
      expr: `max(${metric('outdated_seconds')}) > ${String(outdatedSeconds)}`,
      for: '15m',
      severity: 'warning',
      summary: 'A workload has had an outdated sidecar for too long.',
      description:
        'The workload waits for a maintenance window or for a manual restart. To see which workload and why, run: istio-module plan',
    },
    {
      alert: 'SidecarRolloutFailed',
      expr: `sum by (kind) (increase(${metric('rollouts_total', ',outcome="failed"')}${recently})) > 0`,
      for: '0m',
      severity: 'warning',
      summary: 'The restart of a {{ $labels.kind }} failed.',
      description: 'The Event SidecarRestartFailed on the workload and the log of the restarter contain the reason.',
    },
    {
      alert: 'SidecarRestarterFailing',
      expr: `sum(increase(${metric('runs_total', ',outcome="failed"')}${recently})) > 2`,
      for: '0m',
      severity: 'critical',
      summary: 'Runs of the restarter fail.',
      description: 'Outdated sidecars are not restarted until this is fixed. The log of the restarter says what to do.',
    },
    {
      alert: 'SidecarRestarterSilent',
      expr: `(time() - max(${metric('last_plan_timestamp_seconds')}) > ${String(silence)} unless sum(${metric('rollouts_in_progress')}) > 0) or absent(${metric('last_plan_timestamp_seconds')})`,
      for: '15m',
      severity: 'critical',
      summary: 'The restarter has not completed a plan for a long time.',
      description: 'Either no pod of the restarter is running, or it cannot read the cluster.',
    },
  ];
  const rules = alerts.map(({ alert, expr, for: pending, severity, summary, description }) => ({
    ...{ alert, expr, for: pending },
    labels: { severity },
    annotations: { summary, description },
  }));
  return [{ name: 'sidecar-restarter', rules }];
}
