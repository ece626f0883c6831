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

/** What becomes of a tag (a Prometheus label) of a metric. */
export class TagOverride {
  /** The metric goes without the tag. */
  static readonly REMOVE = new TagOverride({ operation: 'REMOVE' });

  /**
   * The tag is added, or has another value.
   *
   * @param value an expression in CEL over Envoy's and Istio's attributes, such as `request.host`
   */
  static upsert(value: string): TagOverride {
    return new TagOverride({ operation: 'UPSERT', value });
  }

  private constructor(private readonly override: { readonly operation: string; readonly value?: string }) {}

  /** The override, as a value of a Telemetry's `tagOverrides`. */
  render(): Readonly<Record<string, unknown>> {
    return this.override;
  }

  /** The problems with the override: sentences without their subject. */
  problems(): string[] {
    return this.override.value?.trim() === ''
      ? ["is empty: write an expression such as 'request.host', or TagOverride.REMOVE"]
      : [];
  }
}

/**
 * How some metrics differ from their defaults. Of several overrides for a metric, the last one wins.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/#MetricsOverrides
 */
export interface MetricOverride {
  /**
   * The metric: one of Istio's, or another by its name.
   *
   * @default IstioMetric.ALL_METRICS
   */
  readonly metric?: IstioMetric | { readonly custom: string };

  /**
   * Which side of a connection reports it so.
   *
   * @default - both
   */
  readonly mode?: WorkloadMode;

  /**
   * Whether the metric is not reported; `false` reports it where the wider scope does not.
   *
   * @default - as in the wider scope
   */
  readonly disabled?: boolean;

  /**
   * What becomes of its tags, by name.
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
   * Which backends report them, by name.
   *
   * @default - those of the wider scope, in the end Istio's: `prometheus`
   */
  readonly providers?: readonly string[];

  /**
   * How they differ from their defaults.
   *
   * @default - not at all
   */
  readonly overrides?: readonly MetricOverride[];

  /**
   * How often proxies report TCP metrics while connections last.
   *
   * @default - Istio's: every 5 seconds
   */
  readonly reportingInterval?: Duration;
}

/** Metrics of the whole mesh. */
export interface MeshMetrics extends MetricsSettings {
  /**
   * Whether the application's own Prometheus metrics are served with the proxy's, by one port. It is part of what is
   * injected: a change replaces pods that are scraped.
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
      .map((name) => `${at} tags '${name}' is not a Prometheus label: write letters, digits and '_', no digit first`),
    ...(disabled === undefined && names.length === 0 ? [`${at} is empty: set disabled or tags, or leave it out`] : []),
    ...(disabled === true && names.length > 0 && !isAll(metric)
      ? [
          `${at} is disabled, so its tags show only where a narrower scope enables the metric: leave out disabled or tags`,
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
    problems.push(`${at} metric '${metric.custom}' is not a metric's name: write letters, digits, '_' and ':'`);
  }
  for (const [name, tag] of Object.entries(tags)) {
    if (name.trim() === '') problems.push(`${at} tags has a tag without a name: write one, such as 'request_host'`);
    problems.push(...tag.problems().map((problem) => `${at} tags '${name}' ${problem}`));
  }
  // istiod leaves out the tags of all metrics that it turns off, in narrower scopes too.
  if (disabled === true && isAll(metric) && Object.keys(tags).length > 0) {
    problems.push(`${at} is disabled, so its tags are nowhere: leave out disabled or tags`);
  }
  return problems;
}
