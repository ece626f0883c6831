import type { Duration } from 'cdk8s';
import { providerNameProblem, type ExtensionProvider } from './extension-provider';
import { isHeaderName } from '../http-header-name';
import { durationProblem, istioDuration } from '../istio-duration';
import { addressProblems, type ProviderAddress } from './provider-address';
import { tracingOptionProblems, type TracingOptions, type TracingSettings } from './tracing-settings';

/** How spans are sent over HTTP. */
export interface OtlpHttpOptions {
  /** Path of the collector's endpoint; collectors use `/v1/traces`. */
  readonly path: string;

  /**
   * Time for a request of the proxy to the collector.
   *
   * @default - Istio's: 3 seconds
   */
  readonly timeout?: Duration;

  /**
   * Headers of those requests. They are part of the mesh configuration, which is no place for secrets.
   *
   * @default - none
   */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What {@link Tracing.otlp} takes; `service` and `port` are the OpenTelemetry collector's. */
export interface OtlpTracingOptions extends ProviderAddress, TracingOptions {
  /**
   * Port of the collector, 1 to 65535; collectors use 4317 for OTLP over gRPC and 4318 over HTTP.
   */
  readonly port: number;

  /**
   * Name of the extension provider in the mesh configuration.
   *
   * @default 'otlp-tracing'
   */
  readonly name?: string;

  /**
   * OTLP over HTTP.
   *
   * @default - OTLP over gRPC
   */
  readonly http?: OtlpHttpOptions;
}

/**
 * Where proxies send their spans.
 *
 * @see https://istio.io/latest/docs/tasks/observability/distributed-tracing/opentelemetry/
 */
export class Tracing {
  /** Spans over OTLP (gRPC, or HTTP) to an OpenTelemetry collector. */
  static otlp(options: OtlpTracingOptions): Tracing {
    return new Tracing(options);
  }

  /** Name of the extension provider in the mesh configuration. */
  readonly providerName: string;

  private constructor(private readonly options: OtlpTracingOptions) {
    this.providerName = options.name ?? 'otlp-tracing';
  }

  /** The provider, as an entry of `meshConfig.extensionProviders`. */
  extensionProvider(): ExtensionProvider {
    const { service, port, http } = this.options;
    return {
      name: this.providerName,
      opentelemetry: { service, port, ...(http ? { http: renderHttp(http) } : {}) },
    };
  }

  /** The settings by which a Telemetry turns the provider on. */
  settings(): TracingSettings {
    const { samplingPercent, customTags } = this.options;
    return { provider: this, samplingPercent, customTags };
  }

  /**
   * What is wrong with the options, one sentence each.
   *
   * @param at where they were given, for the message
   */
  problems(at: string): string[] {
    const { http } = this.options;
    return [
      ...providerNameProblem(at, this.providerName),
      ...addressProblems(at, this.options, http ? 4318 : 4317),
      ...(http ? httpProblems(`${at} http`, http) : []),
      ...tracingOptionProblems(at, this.options),
    ];
  }
}

function renderHttp({ path, timeout, headers = {} }: OtlpHttpOptions): Readonly<Record<string, unknown>> {
  const list = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return {
    path,
    ...(timeout ? { timeout: istioDuration(timeout) } : {}),
    ...(list.length > 0 ? { headers: list } : {}),
  };
}

function httpProblems(at: string, { path, timeout, headers = {} }: OtlpHttpOptions): string[] {
  return [
    ...(/^\/\S*$/.test(path) ? [] : [`${at} path '${path}' is not a path: write one such as '/v1/traces'`]),
    ...durationProblem(`${at} timeout`, timeout),
    ...Object.entries(headers).flatMap(([name, value]) => [
      ...(isHeaderName(name) ? [] : [`${at} headers has '${name}', which is not a header's name: write another`]),
      ...(/[\r\n\0]/.test(value) ? [`${at} headers '${name}' has a value of several lines: write one line`] : []),
    ]),
  ];
}
