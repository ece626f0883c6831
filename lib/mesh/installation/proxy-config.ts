import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { istioDuration } from '../istio-duration';
import { wholeNumberProblem } from '../number-range';
import { regularExpressionProblem } from '../regular-expression';
import type { HelmValues } from './istio-values';

/**
 * How a gateway handles the request header `x-forwarded-client-cert`, which describes the client's certificate.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ForwardClientCertDetails
 */
export enum ForwardClientCertDetails {
  /** Removes the header. */
  SANITIZE = 'SANITIZE',

  /** Forwards the header if the client connection uses mutual TLS. */
  FORWARD_ONLY = 'FORWARD_ONLY',

  /** Appends the client's certificate to the header and forwards it, if the client connection uses mutual TLS. */
  APPEND_FORWARD = 'APPEND_FORWARD',

  /**
   * Replaces the header with the client's certificate, if the client connection uses mutual TLS. This is the default of
   * gateways.
   */
  SANITIZE_SET = 'SANITIZE_SET',

  /** Always forwards the header. */
  ALWAYS_FORWARD_ONLY = 'ALWAYS_FORWARD_ONLY',
}

/**
 * Topology of the network in front of the gateways.
 *
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/
 */
export interface GatewayTopology extends HelmValues {
  /**
   * Number of trusted proxies in front of a gateway, 0 or more. The client's address is taken from that position in
   * `X-Forwarded-For`, counted from the right.
   *
   * @default - Istio's: 0
   */
  readonly numTrustedProxies?: number;

  /**
   * How the header `x-forwarded-client-cert` is handled.
   *
   * @default - Istio's: SANITIZE_SET
   */
  readonly forwardClientCertDetails?: ForwardClientCertDetails;
}

/** Names of Envoy statistics that proxies keep in addition to Istio's selection. Each costs memory and time series. */
export interface ProxyStatsMatcher {
  /**
   * Prefixes of names.
   *
   * @default - none
   */
  readonly inclusionPrefixes?: readonly string[];

  /**
   * Suffixes of names.
   *
   * @default - none
   */
  readonly inclusionSuffixes?: readonly string[];

  /**
   * Regular expressions in RE2 syntax that match whole names.
   *
   * @default - none
   */
  readonly inclusionRegexps?: readonly string[];
}

/**
 * Bootstrap configuration of proxies, with the field names of the reference, and `dnsCapture`. A sidecar gets a change
 * when its pod is replaced. Other fields are passed through unchanged.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig
 */
export interface ProxyConfig extends HelmValues {
  /**
   * Number of worker threads of a proxy; 0 uses one per core.
   *
   * @default - derived from the proxy's CPU limit
   */
  readonly concurrency?: number;

  /**
   * Whether an application's containers start only when the proxy is ready.
   *
   * @default true
   */
  readonly holdApplicationUntilProxyStarts?: boolean;

  /**
   * Additional environment variables of the proxy.
   *
   * @default - none
   */
  readonly proxyMetadata?: Readonly<Record<string, string>>;

  /**
   * Whether the sidecar answers the application's DNS queries, so that the hosts of ServiceEntries can be resolved. It
   * forwards other queries to the cluster's DNS. This is `ISTIO_META_DNS_CAPTURE` in `proxyMetadata`. Since Istio 1.25,
   * istiod assigns an address to ServiceEntries without one; for earlier versions, set `ISTIO_META_DNS_AUTO_ALLOCATE:
   * 'true'` in `proxyMetadata`.
   *
   * @default - Istio's: false
   * @see https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/
   */
  readonly dnsCapture?: boolean;

  /**
   * Topology of the network in front of the gateways. Sidecars ignore it.
   *
   * @default - none
   */
  readonly gatewayTopology?: GatewayTopology;

  /**
   * Additional Envoy statistics.
   *
   * @default - only Istio's selection
   */
  readonly proxyStatsMatcher?: ProxyStatsMatcher;

  /**
   * Time for connections to end when the proxy shuts down, in whole seconds: a cdk8s `Duration`, or a string in Istio's
   * format (`'1m30s'`). Ordinary sidecars and gateways then close the remaining connections.
   *
   * @default - until the last connection ends, if the module has `gracefulTermination`; otherwise Istio's 5 seconds
   */
  readonly terminationDrainDuration?: Duration | string;

  /**
   * Time over which Envoy drains connections of a listener that changes, in whole seconds: a cdk8s `Duration`, or a
   * string in Istio's format.
   *
   * @default - Istio's: 45 seconds
   */
  readonly drainDuration?: Duration | string;
}

/** The configuration in the format of Istio's API. */
export function renderProxyConfig(config: ProxyConfig): HelmValues {
  const { dnsCapture, terminationDrainDuration, drainDuration, ...rest } = config;
  return {
    ...rest,
    ...(dnsCapture === undefined
      ? {}
      : { proxyMetadata: { ...config.proxyMetadata, ISTIO_META_DNS_CAPTURE: String(dnsCapture) } }),
    ...definedFields({ terminationDrainDuration: text(terminationDrainDuration), drainDuration: text(drainDuration) }),
  };
}

/** Whether sidecars answer DNS queries with this configuration, in the format of Istio's API. */
export function capturesDns({ proxyMetadata }: ProxyConfig = {}): boolean {
  return String(proxyMetadata?.ISTIO_META_DNS_CAPTURE) === 'true';
}

/**
 * The problems with the configuration, one sentence each.
 *
 * @param at path of the configuration, for messages
 */
export function proxyConfigProblems(at: string, config: ProxyConfig): string[] {
  const { concurrency, dnsCapture, gatewayTopology, proxyMetadata = {}, proxyStatsMatcher } = config;
  const found = [
    ...wholeNumberProblem(`${at}.concurrency`, concurrency, 0),
    ...wholeNumberProblem(`${at}.gatewayTopology.numTrustedProxies`, gatewayTopology?.numTrustedProxies, 0),
    ...(proxyStatsMatcher ? statsProblems(`${at}.proxyStatsMatcher`, proxyStatsMatcher) : []),
    ...wholeSecondsProblem(`${at}.terminationDrainDuration`, config.terminationDrainDuration),
    ...wholeSecondsProblem(`${at}.drainDuration`, config.drainDuration),
    ...metadataProblems(`${at}.proxyMetadata`, proxyMetadata),
  ];
  if (dnsCapture !== undefined && proxyMetadata.ISTIO_META_DNS_CAPTURE !== undefined) {
    found.push(
      `${at}.dnsCapture and ${at}.proxyMetadata.ISTIO_META_DNS_CAPTURE are the same setting: leave out the latter`,
    );
  }
  return found;
}

/** A duration in the format of Istio's API. */
function text(duration: Duration | string | undefined): string | undefined {
  return typeof duration === 'object' ? istioDuration(duration) : duration;
}

function wholeSecondsProblem(at: string, duration: Duration | string | undefined): string[] {
  const written = text(duration);
  if (written === undefined || (/^(\d+h)?(\d+m)?(\d+s)?$/.test(written) && /[1-9]/.test(written))) return [];
  return [
    `${at} '${written}' is not a whole number of seconds: write Duration.seconds(1) or more, or a string such as '1m30s'`,
  ];
}

function statsProblems(at: string, matcher: ProxyStatsMatcher): string[] {
  const lists = Object.entries(matcher) as [keyof ProxyStatsMatcher, readonly string[] | undefined][];
  const given = lists.flatMap(([name, values]) => (values ? [[name, values] as const] : []));
  if (given.length === 0) {
    return [`${at} is empty: set inclusionPrefixes, inclusionSuffixes or inclusionRegexps, or leave it out`];
  }
  return given.flatMap(([name, values]) => {
    if (values.length === 0) return [`${at}.${name} is empty: name at least one, or leave it out`];
    return values.flatMap((value) => {
      if (name === 'inclusionRegexps') return regularExpressionProblem(`${at}.${name}`, value);
      return /^\S+$/.test(value)
        ? []
        : [`${at}.${name} '${value}' is not part of a statistic's name: write one such as 'cluster.outbound'`];
    });
  });
}

function metadataProblems(at: string, metadata: Readonly<Record<string, string>>): string[] {
  return Object.entries(metadata).flatMap(([name, value]: [string, unknown]) => [
    ...(/^[-._A-Za-z][-._A-Za-z0-9]*$/.test(name)
      ? []
      : [`${at} has '${name}', which cannot be an environment variable: write a name such as 'ISTIO_META_NETWORK'`]),
    // The injection template puts the value between quotation marks.
    ...(typeof value === 'string' && !/["\\\r\n]/.test(value)
      ? []
      : [
          `${at}.${name} ${JSON.stringify(value)} is not plain text: write a string without quotation marks, backslashes or line breaks`,
        ]),
  ]);
}
