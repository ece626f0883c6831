import { createHash } from 'node:crypto';
import { ApiObject, Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { istioDuration, milliseconds } from '../istio-duration';
import { restarterAlerts, type MetricsOf } from './restarter-alerts';
import { restarterDashboard } from './restarter-dashboard';
import { PORT_NAME } from './restart-deployment';

/** Objects with which Prometheus and Grafana monitor a restarter with `RestarterMode.watch`. */
export interface RestarterMonitoring {
  /**
   * Whether to create a PodMonitor of the Prometheus Operator that collects the restarter's metrics.
   *
   * @default true
   * @see https://prometheus-operator.dev/docs/developer/getting-started/
   */
  readonly podMonitor?: boolean;

  /**
   * Whether to create a PrometheusRule of the Prometheus Operator with alerts for workloads that are outdated for too
   * long, failed rollouts and runs, and a restarter that completes no plans.
   *
   * @default true
   */
  readonly alerts?: boolean;

  /**
   * Time for which a workload may be outdated before an alert fires.
   *
   * @default Duration.days(1)
   */
  readonly outdatedFor?: Duration;

  /**
   * Whether to create a ConfigMap with a Grafana dashboard. The sidecar of Grafana's chart loads it because of the
   * label `grafana_dashboard`.
   *
   * @default true
   */
  readonly dashboard?: boolean;

  /**
   * Further labels of these objects, such as those with which the Prometheus Operator selects them.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Input for the objects. */
export interface Monitored {
  readonly metadata: { readonly name: string; readonly namespace: string };
  /** Labels of the pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly resyncSeconds: number;
}

const OUTDATED_FOR = Duration.days(1);

/** The problems with the settings, one sentence each. */
export function restarterMonitoringProblems({ outdatedFor = OUTDATED_FOR }: RestarterMonitoring): string[] {
  const seconds = milliseconds(outdatedFor) / 1000;
  return Number.isSafeInteger(seconds) && seconds >= 1
    ? []
    : [`monitoring.outdatedFor ${istioDuration(outdatedFor)} is out of range: write whole seconds, at least 1`];
}

/** The objects that the settings request. */
export function restarterMonitoring(
  scope: Construct,
  { metadata, labels, resyncSeconds }: Monitored,
  { podMonitor = true, alerts = true, dashboard = true, outdatedFor = OUTDATED_FOR, ...more }: RestarterMonitoring,
): readonly ApiObject[] {
  const apiVersion = 'monitoring.coreos.com/v1';
  const all = { ...metadata, labels: { ...labels, ...more.labels } };
  const outdatedSeconds = milliseconds(outdatedFor) / 1000;
  return [
    ...(podMonitor
      ? [
          new ApiObject(scope, 'pod-monitor', {
            ...{ apiVersion, kind: 'PodMonitor', metadata: all },
            spec: { selector: { matchLabels: labels }, podMetricsEndpoints: [{ port: PORT_NAME }] },
          }),
        ]
      : []),
    ...(alerts
      ? [
          new ApiObject(scope, 'prometheus-rule', {
            ...{ apiVersion, kind: 'PrometheusRule', metadata: all },
            spec: { groups: restarterAlerts(metricsOf(metadata), { outdatedSeconds, resyncSeconds }) },
          }),
        ]
      : []),
    ...(dashboard
      ? [
          new ApiObject(scope, 'dashboard', {
            ...{ apiVersion: 'v1', kind: 'ConfigMap' },
            metadata: { ...all, name: `${metadata.name}-dashboard`, labels: { ...all.labels, grafana_dashboard: '1' } },
            data: {
              'sidecar-restarter.json': JSON.stringify(restarterDashboard(uidOf(metadata), metricsOf(metadata))),
            },
          }),
        ]
      : []),
  ];
}

/** The UID of the dashboard. Grafana accepts at most 40 characters. */
function uidOf({ namespace, name }: Monitored['metadata']): string {
  return `restarter-${createHash('sha256').update(`${namespace}/${name}`).digest('hex').slice(0, 12)}`;
}

/** Matchers for the labels that a PodMonitor adds to all metrics of a pod. */
function metricsOf({ namespace, name }: Monitored['metadata']): MetricsOf {
  return `namespace="${namespace}",pod=~"${name}-.*"`;
}
