import type { Duration } from 'cdk8s';
import { providerNameProblem } from './extension-provider';
import { durationProblem, istioDuration } from '../istio-duration';
import type { WorkloadMode } from './workload-mode';

/**
 * Istio's own metrics.
 *
 * @see https://istio.io/latest/docs/reference/config/metrics/
 */
export enum IstioMetric {
  ALL_METRICS = 'ALL_METRICS',
  REQUEST_COUNT = 'REQUEST_COUNT',
  REQUEST_DURATION = 'REQUEST_DURATION',
  REQUEST_SIZE = 'REQUEST_SIZE',
  RESPONSE_SIZE = 'RESPONSE_SIZE',
  TCP_OPENED_CONNECTIONS = 'TCP_OPENED_CONNECTIONS',
  TCP_CLOSED_CONNECTIONS = 'TCP_CLOSED_CONNECTIONS',
  TCP_SENT_BYTES = 'TCP_SENT_BYTES',
  TCP_RECEIVED_BYTES = 'TCP_RECEIVED_BYTES',
  GRPC_REQUEST_MESSAGES = 'GRPC_REQUEST_MESSAGES',
  GRPC_RESPONSE_MESSAGES = 'GRPC_RESPONSE_MESSAGES',
}

/** An override of a tag (a Prometheus label) of a metric. */
export class TagOverride {
  /** Removes the tag from the metric. */
  static readonly REMOVE = new TagOverride({ operation: 'REMOVE' });

  /**
   * Adds the tag, or replaces its value.
   *
   * @param value CEL expression over Envoy's and Istio's attributes, such as `request.host`
   */
  static upsert(value: string): TagOverride {
    return new TagOverride({ operation: 'UPSERT', value });
  }

  private constructor(private readonly override: { readonly operation: string; readonly value?: string }) {}

  /** The override, as a value of a Telemetry's `tagOverrides`. */
  render(): Readonly<Record<string, unknown>> {
    return this.override;
  }

  /** The problems with the override: sentences without a subject. */
  problems(): string[] {
    return this.override.value?.trim() === ''
      ? ["is empty: write an expression such as 'request.host', or TagOverride.REMOVE"]
      : [];
  }
}

/**
 * An override of the defaults of metrics. If several overrides apply to a metric, the last one takes precedence.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/#MetricsOverrides
 */
export interface MetricOverride {
  /**
   * The metric: one of Istio's, or a custom one by its name.
   *
   * @default IstioMetric.ALL_METRICS
   */
  readonly metric?: IstioMetric | { readonly custom: string };

  /**
   * The side of a connection to which the override applies.
   *
   * @default - both
   */
  readonly mode?: WorkloadMode;

  /**
   * Whether the metric is disabled; `false` enables it if the wider scope disables it.
   *
   * @default - as in the wider scope
   */
  readonly disabled?: boolean;

  /**
   * Overrides of the metric's tags, by name.
   *
   * @default - as in the wider scope
   */
  readonly tags?: Readonly<Record<string, TagOverride>>;
}

/**
 * Metrics of the mesh, of a namespace or of workloads.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/#Metrics
 */
export interface MetricsSettings {
  /**
   * Names of the providers that report the metrics.
   *
   * @default - the providers of the wider scope, or else Istio's: `prometheus`
   */
  readonly providers?: readonly string[];

  /**
   * Overrides of the defaults.
   *
   * @default - none
   */
  readonly overrides?: readonly MetricOverride[];

  /**
   * Interval at which proxies report TCP metrics of open connections.
   *
   * @default - Istio's: 5 seconds
   */
  readonly reportingInterval?: Duration;
}

/** Metrics of the whole mesh. */
export interface MeshMetrics extends MetricsSettings {
  /**
   * Whether the proxy's port also serves the application's own Prometheus metrics. The setting is part of the injected
   * sidecar, so a change makes the sidecars of scraped pods outdated.
   *
   * @default - Istio's: true
   * @see https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging
   */
  readonly merge?: boolean;
}

/** The settings, as a Telemetry's `metrics`. */
export function renderMetrics(settings: MetricsSettings): Readonly<Record<string, unknown>>[] {
  const { providers = [], overrides = [], reportingInterval } = settings;
  const entry = {
    ...(providers.length > 0 ? { providers: providers.map((name) => ({ name })) } : {}),
    ...(overrides.length > 0 ? { overrides: overrides.map(renderOverride) } : {}),
    ...(reportingInterval ? { reportingInterval: istioDuration(reportingInterval) } : {}),
  };
  return Object.keys(entry).length > 0 ? [entry] : [];
}

/** The problems with the settings, one sentence each. */
export function metricsProblems(at: string, settings: MetricsSettings): string[] {
  const { providers = [], overrides = [], reportingInterval } = settings;
  return [
    ...providers.flatMap((name) => providerNameProblem(at, name)),
    ...durationProblem(`${at} reportingInterval`, reportingInterval),
    ...overrides.flatMap((override, index) => overrideProblems(`${at} overrides[${String(index)}]`, override)),
  ];
}

/** Likely mistakes in the settings, one sentence each. */
export function metricsWarnings(at: string, { overrides = [] }: MetricsSettings): string[] {
  return overrides.flatMap((override, index) => overrideWarnings(`${at} overrides[${String(index)}]`, override));
}

function overrideWarnings(at: string, { metric, disabled, tags = {} }: MetricOverride): string[] {
  const names = Object.keys(tags);
  return [
    ...names
      .filter((name) => name !== '' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      .map(
        (name) =>
          `${at} tags '${name}' is not a Prometheus label: write letters, digits and '_', but not a digit first`,
      ),
    ...(disabled === undefined && names.length === 0 ? [`${at} is empty: set disabled or tags, or leave it out`] : []),
    ...(disabled === true && names.length > 0 && !isAll(metric)
      ? [
          `${at} is disabled, so its tags only have an effect where a narrower scope enables the metric: leave out disabled or tags`,
        ]
      : []),
  ];
}

function renderOverride({ metric, mode, disabled, tags = {} }: MetricOverride): Readonly<Record<string, unknown>> {
  const tagOverrides = Object.fromEntries(Object.entries(tags).map(([name, tag]) => [name, tag.render()]));
  return {
    match: {
      ...(typeof metric === 'object' ? { customMetric: metric.custom } : { metric: metric ?? IstioMetric.ALL_METRICS }),
      ...(mode === undefined ? {} : { mode }),
    },
    ...(disabled === undefined ? {} : { disabled }),
    ...(Object.keys(tagOverrides).length > 0 ? { tagOverrides } : {}),
  };
}

const isAll = (metric: MetricOverride['metric']) => (metric ?? IstioMetric.ALL_METRICS) === IstioMetric.ALL_METRICS;

function overrideProblems(at: string, { metric, disabled, tags = {} }: MetricOverride): string[] {
  const problems: string[] = [];
  if (typeof metric === 'object' && !/^[A-Za-z_:][A-Za-z0-9_:]*$/.test(metric.custom)) {
    problems.push(`${at} metric '${metric.custom}' is not a valid metric name: write letters, digits, '_' and ':'`);
  }
  for (const [name, tag] of Object.entries(tags)) {
    if (name.trim() === '') problems.push(`${at} tags has a tag without a name: write one, such as 'request_host'`);
    problems.push(...tag.problems().map((problem) => `${at} tags '${name}' ${problem}`));
  }
  // If an override disables all metrics, istiod omits the tags of the override, even in narrower scopes.
  if (disabled === true && isAll(metric) && Object.keys(tags).length > 0) {
    problems.push(`${at} is disabled, so its tags have no effect: leave out disabled or tags`);
  }
  return problems;
}
