import { accessLogProblems, renderAccessLogs, type AccessLogSettings } from './access-log-settings';
import { metricsProblems, metricsWarnings, renderMetrics, type MetricsSettings } from './metrics-settings';
import { renderTracing, tracingProblems, tracingWarnings, type TracingSettings } from './tracing-settings';

/** Settings of a Telemetry. Omitted settings are inherited from the wider scope. */
export interface TelemetrySettings {
  /**
   * Tracing: the requests to trace, and the destination of spans.
   *
   * @default - inherited from the wider scope
   */
  readonly tracing?: TracingSettings;

  /**
   * Access logs: their destinations, and what is logged.
   *
   * @default - inherited from the wider scope
   */
  readonly accessLogs?: readonly AccessLogSettings[];

  /**
   * Metrics and their tags.
   *
   * @default - inherited from the wider scope
   */
  readonly metrics?: MetricsSettings;
}

/** The settings, as the specification of a Telemetry. */
export function renderTelemetry({
  tracing,
  accessLogs,
  metrics,
}: TelemetrySettings): Readonly<Record<string, unknown>> {
  const accessLogging = renderAccessLogs(accessLogs ?? []);
  const metricsList = renderMetrics(metrics ?? {});
  return {
    ...(tracing ? { tracing: [renderTracing(tracing)] } : {}),
    ...(accessLogging.length > 0 ? { accessLogging } : {}),
    ...(metricsList.length > 0 ? { metrics: metricsList } : {}),
  };
}

/** Likely mistakes in the settings, one sentence each. */
export function telemetryWarnings({ tracing, metrics }: TelemetrySettings): string[] {
  return [
    ...(tracing ? tracingWarnings('tracing', tracing) : []),
    ...(metrics ? metricsWarnings('metrics', metrics) : []),
  ];
}

/** The problems with the settings, one sentence each. */
export function telemetryProblems({ tracing, accessLogs = [], metrics }: TelemetrySettings): string[] {
  return [
    ...(tracing ? tracingProblems('tracing', tracing) : []),
    ...accessLogs.flatMap((log, index) => accessLogProblems(`accessLogs[${String(index)}]`, log)),
    ...(metrics ? metricsProblems('metrics', metrics) : []),
  ];
}
