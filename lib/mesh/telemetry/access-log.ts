import { labelProblems, textProblems, type AccessLogFormat, type JsonLogFormat } from './access-log-format';
import { filterProblem, type AccessLogOptions, type AccessLogSettings } from './access-log-settings';
import { providerNameProblem, type ExtensionProvider } from './extension-provider';
import { hostOf } from '../namespaces/service-reference';
import { addressProblems, type ProviderAddress } from './provider-address';

/** Options of {@link AccessLog.envoyFile}. */
export interface EnvoyFileAccessLogOptions extends AccessLogOptions {
  /**
   * Name of the extension provider in the mesh configuration.
   *
   * @default 'file-access-log'
   */
  readonly name?: string;

  /**
   * Path of the file in the proxy's container; `/dev/stdout` is the container's log.
   *
   * @default '/dev/stdout'
   */
  readonly path?: string;

  /**
   * Format of a line.
   *
   * @default - Istio's text format
   */
  readonly format?: AccessLogFormat;

  /**
   * Whether operators without a value are omitted, instead of shown as `-` in text and `null` in JSON.
   *
   * @default false
   */
  readonly omitEmptyValues?: boolean;
}

/** Options of {@link AccessLog.openTelemetry}. `service` and `port` are those of the OpenTelemetry collector. */
export interface OpenTelemetryAccessLogOptions extends ProviderAddress, AccessLogOptions {
  /**
   * Name of the extension provider in the mesh configuration.
   *
   * @default 'otlp-access-log'
   */
  readonly name?: string;

  /**
   * Name of the log, an attribute of every entry.
   *
   * @default - Istio's: `otel_envoy_accesslog`
   */
  readonly logName?: string;

  /**
   * Body of an entry: text with command operators of Envoy.
   *
   * @default - Istio's text format
   */
  readonly body?: string;

  /**
   * Attributes of an entry, whose strings may contain Envoy command operators.
   *
   * @default - none
   */
  readonly attributes?: JsonLogFormat;
}

/**
 * An access log: where proxies write it, and in which format. Proxies receive changes over xDS, so no pod needs to be
 * replaced.
 *
 * @see https://istio.io/latest/docs/tasks/observability/logs/telemetry-api/
 */
export class AccessLog {
  /** Writes lines to a file in the proxy's container, as text or JSON. */
  static envoyFile(options: EnvoyFileAccessLogOptions = {}): AccessLog {
    const { name = 'file-access-log', path = '/dev/stdout', format, omitEmptyValues } = options;
    return new AccessLog(
      {
        name,
        envoyFileAccessLog: {
          path,
          ...(format ? { logFormat: format.render() } : {}),
          ...(omitEmptyValues === undefined ? {} : { omitEmptyValues }),
        },
      },
      options,
      (at) => [
        ...(/^\/\S+$/.test(path)
          ? []
          : [`${at} path '${path}' is not the path of a file: write one such as '/dev/stdout'`]),
        ...(format?.problems() ?? []).map((problem) => `${at} format ${problem}`),
      ],
    );
  }

  /** Sends entries to an OpenTelemetry collector over OTLP (gRPC). */
  static openTelemetry(options: OpenTelemetryAccessLogOptions): AccessLog {
    const { name = 'otlp-access-log', port, logName, body, attributes } = options;
    const logFormat = {
      ...(body === undefined ? {} : { text: body }),
      ...(attributes === undefined ? {} : { labels: attributes }),
    };
    return new AccessLog(
      {
        name,
        envoyOtelAls: {
          service: hostOf(options.service),
          port,
          ...(logName === undefined ? {} : { logName }),
          ...(Object.keys(logFormat).length > 0 ? { logFormat } : {}),
        },
      },
      options,
      (at) => [
        ...addressProblems(at, options, 4317),
        ...(body === undefined ? [] : textProblems(body).map((problem) => `${at} body ${problem}`)),
        ...labelProblems('', attributes ?? {}).map((problem) => `${at} attributes ${problem}`),
      ],
    );
  }

  /** Name of the extension provider in the mesh configuration. */
  readonly providerName: string;

  private constructor(
    private readonly provider: ExtensionProvider,
    private readonly options: AccessLogOptions,
    private readonly check: (at: string) => string[],
  ) {
    this.providerName = provider.name;
  }

  /** The provider, as an entry of `meshConfig.extensionProviders`. */
  extensionProvider(): ExtensionProvider {
    return this.provider;
  }

  /** The settings of a Telemetry that enable the provider. */
  settings(): AccessLogSettings {
    return { providers: [this], filter: this.options.filter, mode: this.options.mode };
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
      ...filterProblem(at, this.options.filter),
    ];
  }
}
