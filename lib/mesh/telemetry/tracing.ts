import type { Duration } from 'cdk8s';
import { providerNameProblem, type ExtensionProvider } from './extension-provider';
import { definedFields } from '../fields';
import { isHeaderName } from '../http-header-name';
import { durationProblem, istioDuration } from '../istio-duration';
import { wholeNumberProblem } from '../number-range';
import { hostOf } from '../namespaces/service-reference';
import { addressProblems, type ProviderAddress } from './provider-address';
import { tracingOptionProblems, type TracingOptions, type TracingSettings } from './tracing-settings';

/** Options for OTLP over HTTP. */
export interface OtlpHttpOptions {
  /** Path of the collector's endpoint; collectors use `/v1/traces`. */
  readonly path: string;

  /**
   * Timeout of requests from the proxy to the collector.
   *
   * @default - Istio's: 3 seconds
   */
  readonly timeout?: Duration;

  /**
   * Headers of these requests. They are part of the mesh configuration, so do not put secrets there.
   *
   * @default - none
   */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Options of {@link Tracing.otlp}. `service` and `port` are those of the OpenTelemetry collector. */
export interface OtlpTracingOptions extends ProviderAddress, TracingOptions {
  /** Port of the collector, 1 to 65535; collectors use 4317 for OTLP over gRPC and 4318 for OTLP over HTTP. */
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

/** Options of {@link Tracing.zipkin}. `service` and `port` are those of Zipkin, or of a collector with its API. */
export interface ZipkinTracingOptions extends ProviderAddress, TracingOptions {
  /** Port of Zipkin, 1 to 65535; its default is 9411. */
  readonly port: number;

  /**
   * Name of the extension provider in the mesh configuration.
   *
   * @default 'zipkin'
   */
  readonly name?: string;

  /**
   * Maximum length of the tag for the request's path, in bytes.
   *
   * @default - Istio's: 256
   */
  readonly maxTagLength?: number;

  /**
   * Path of Zipkin's API.
   *
   * @default - Istio's: `/api/v2/spans`
   */
  readonly path?: string;

  /**
   * Whether trace IDs have 64 bits instead of 128.
   *
   * @default - Istio's: false
   */
  readonly enable64bitTraceId?: boolean;

  /**
   * Trace headers: only B3, or also W3C.
   *
   * @default - Istio's: 'USE_B3'
   */
  readonly traceContextOption?: 'USE_B3' | 'USE_B3_WITH_W3C_PROPAGATION';
}

/**
 * A tracing backend to which proxies send their spans.
 *
 * @see https://istio.io/latest/docs/tasks/observability/distributed-tracing/opentelemetry/
 */
export class Tracing {
  /** Sends spans to an OpenTelemetry collector over OTLP (gRPC or HTTP). */
  static otlp(options: OtlpTracingOptions): Tracing {
    const { name = 'otlp-tracing', port, http } = options;
    const service = hostOf(options.service);
    return new Tracing(
      { name, opentelemetry: { service, port, ...(http ? { http: renderHttp(http) } : {}) } },
      options,
      (at) => [...addressProblems(at, options, http ? 4318 : 4317), ...(http ? httpProblems(`${at} http`, http) : [])],
    );
  }

  /** Sends spans to Zipkin. */
  static zipkin(options: ZipkinTracingOptions): Tracing {
    const { name = 'zipkin', samplingPercent, customTags, ...zipkin } = options;
    return new Tracing(
      { name, zipkin: definedFields({ ...zipkin, service: hostOf(zipkin.service) }) },
      { samplingPercent, customTags },
      (at) => [
        ...addressProblems(at, options, 9411, 'server'),
        ...(options.path === undefined ? [] : pathProblem(at, options.path, '/api/v2/spans')),
        ...wholeNumberProblem(`${at} maxTagLength`, options.maxTagLength, 1),
      ],
    );
  }

  /** Name of the extension provider in the mesh configuration. */
  readonly providerName: string;

  private constructor(
    private readonly provider: ExtensionProvider,
    private readonly options: TracingOptions,
    private readonly check: (at: string) => string[],
  ) {
    this.providerName = provider.name;
  }

  /** The provider, as an entry of `meshConfig.extensionProviders`. */
  extensionProvider(): ExtensionProvider {
    return this.provider;
  }

  /** The settings of a Telemetry that enable the provider. */
  settings(): TracingSettings {
    const { samplingPercent, customTags } = this.options;
    return { provider: this, samplingPercent, customTags };
  }

  /**
   * The problems with the options, one sentence each.
   *
   * @param at path of the options, for messages
   */
  problems(at: string): string[] {
    return [
      ...providerNameProblem(at, this.providerName),
      ...this.check(at),
      ...tracingOptionProblems(at, this.options),
    ];
  }
}

function pathProblem(at: string, path: string, example: string): string[] {
  return /^\/\S*$/.test(path) ? [] : [`${at} path '${path}' is not a path: write one such as '${example}'`];
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
    ...pathProblem(at, path, '/v1/traces'),
    ...durationProblem(`${at} timeout`, timeout),
    ...Object.entries(headers).flatMap(([name, value]) => [
      ...(isHeaderName(name) ? [] : [`${at} headers has '${name}', which is not a valid header name: write another`]),
      ...(/[\r\n\0]/.test(value) ? [`${at} headers '${name}' has a multi-line value: write one line`] : []),
    ]),
  ];
}
