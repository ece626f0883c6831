import { labelProblems, textProblems, type AccessLogFormat, type JsonLogFormat } from './access-log-format';
import { filterProblem, type AccessLogOptions, type AccessLogSettings } from './access-log-settings';
import { providerNameProblem, type ExtensionProvider } from './extension-provider';
import { hostOf } from '../namespaces/service-reference';
import { addressProblems, type ProviderAddress } from './provider-address';

/** What {@link AccessLog.envoyFile} takes. */
export interface EnvoyFileAccessLogOptions extends AccessLogOptions {
  /**
   * Name of the extension provider in the mesh configuration.
   *
   * @default 'file-access-log'
   */
  readonly name?: string;

  /**
   * The file, in the proxy's container; `/dev/stdout` for the container's log.
   *
   * @default '/dev/stdout'
   */
  readonly path?: string;

  /**
   * What a line looks like.
   *
   * @default - Istio's line of text
   */
  readonly format?: AccessLogFormat;

  /**
   * Whether operators without a value are left out, instead of showing as `-` in text and `null` in JSON.
   *
   * @default false
   */
  readonly omitEmptyValues?: boolean;
}

/** What {@link AccessLog.openTelemetry} takes; `service` and `port` are the OpenTelemetry collector's. */
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
   * @default - Istio's line of text
   */
  readonly body?: string;

  /**
   * Attributes of an entry, whose texts may have command operators of Envoy.
   *
   * @default - none
   */
  readonly attributes?: JsonLogFormat;
}

/**
 * Where proxies write what they handled, and what they write. Proxies learn of it over xDS: a change replaces no pod.
 *
 * @see https://istio.io/latest/docs/tasks/observability/logs/telemetry-api/
 */
export class AccessLog {
  /** Lines in a file of the proxy's container, as text or JSON. */
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
        ...(/^\/\S+$/.test(path) ? [] : [`${at} path '${path}' is not a file: write one such as '/dev/stdout'`]),
        ...(format?.problems() ?? []).map((problem) => `${at} format ${problem}`),
      ],
    );
  }

  /** Entries over OTLP (gRPC) to an OpenTelemetry collector. */
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
   * @param at where they were given, for the message
   */
  problems(at: string): string[] {
    return [
      ...providerNameProblem(at, this.providerName),
      ...this.check(at),
      ...filterProblem(at, this.options.filter),
    ];
  }
}
