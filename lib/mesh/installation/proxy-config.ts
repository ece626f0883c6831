import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { istioDuration } from '../istio-duration';
import { wholeNumberProblem } from '../number-range';
import { regularExpressionProblem } from '../regular-expression';
import type { HelmValues } from './istio-values';

/**
 * What a gateway does with the header `x-forwarded-client-cert` of requests, which describes the client's certificate.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ForwardClientCertDetails
 */
export enum ForwardClientCertDetails {
  /** Removes it. */
  SANITIZE = 'SANITIZE',

  /** Passes it on where the client came with mutual TLS. */
  FORWARD_ONLY = 'FORWARD_ONLY',

  /** Adds the client's certificate to it and passes it on, where the client came with mutual TLS. */
  APPEND_FORWARD = 'APPEND_FORWARD',

  /** Replaces it by the client's certificate, where the client came with mutual TLS: what gateways do by themselves. */
  SANITIZE_SET = 'SANITIZE_SET',

  /** Passes it on, whoever sent it. */
  ALWAYS_FORWARD_ONLY = 'ALWAYS_FORWARD_ONLY',
}

/**
 * What stands before the gateways.
 *
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/
 */
export interface GatewayTopology extends HelmValues {
  /**
   * How many proxies before a gateway are trusted: the client's address is the one that many places from the right end
   * of `X-Forwarded-For`. 0 or more.
   *
   * @default - Istio's: 0
   */
  readonly numTrustedProxies?: number;

  /**
   * What becomes of the header `x-forwarded-client-cert`.
   *
   * @default - Istio's: SANITIZE_SET
   */
  readonly forwardClientCertDetails?: ForwardClientCertDetails;
}

/** Statistics of Envoy that proxies keep besides Istio's own choice, by their names; each costs memory and time series. */
export interface ProxyStatsMatcher {
  /**
   * What names start with.
   *
   * @default - none
   */
  readonly inclusionPrefixes?: readonly string[];

  /**
   * What names end with.
   *
   * @default - none
   */
  readonly inclusionSuffixes?: readonly string[];

  /**
   * Regular expressions in RE2's syntax that match whole names.
   *
   * @default - none
   */
  readonly inclusionRegexps?: readonly string[];
}

/**
 * Configuration that proxies start with, by the names of the reference, and `dnsCapture`. A change reaches a sidecar when
 * its pod is replaced. Fields that are not listed here are passed on as they are.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig
 */
export interface ProxyConfig extends HelmValues {
  /**
   * Worker threads of a proxy; 0 for as many as cores.
   *
   * @default - by the proxy's CPU limit
   */
  readonly concurrency?: number;

  /**
   * Whether an application's containers start only when the proxy is ready.
   *
   * @default true
   */
  readonly holdApplicationUntilProxyStarts?: boolean;

  /**
   * Further environment variables of the proxy.
   *
   * @default - none
   */
  readonly proxyMetadata?: Readonly<Record<string, string>>;

  /**
   * Whether the sidecar answers the application's DNS queries, and so knows the hosts of ServiceEntries; it asks the
   * cluster's DNS for what it does not know. This is `ISTIO_META_DNS_CAPTURE` in `proxyMetadata`. From Istio 1.25 on
   * istiod by itself gives an address to ServiceEntries that have none; before, that is
   * `ISTIO_META_DNS_AUTO_ALLOCATE: 'true'` in `proxyMetadata`.
   *
   * @default - Istio's: false
   * @see https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/
   */
  readonly dnsCapture?: boolean;

  /**
   * What stands before the gateways; sidecars ignore it.
   *
   * @default - nothing
   */
  readonly gatewayTopology?: GatewayTopology;

  /**
   * Further statistics of Envoy.
   *
   * @default - Istio's choice alone
   */
  readonly proxyStatsMatcher?: ProxyStatsMatcher;

  /**
   * Time that connections have to end when the proxy shuts down, in whole seconds: a cdk8s `Duration`, or Istio's text
   * (`'1m30s'`). Gateways drain for this long, too, rather than until their last connection ends.
   *
   * @default - 5 seconds, which are Istio's, and the module's `gracefulTermination`
   */
  readonly terminationDrainDuration?: Duration | string;

  /**
   * Time over which Envoy drains connections of a listener that changes, in whole seconds: a cdk8s `Duration`, or
   * Istio's text.
   *
   * @default - Istio's: 45 seconds
   */
  readonly drainDuration?: Duration | string;
}

/** The configuration as Istio's API takes it. */
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

/**
 * The problems with the configuration, one sentence each.
 *
 * @param at where it was given, for the message
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

/** A duration as Istio's API takes it. */
function text(duration: Duration | string | undefined): string | undefined {
  return typeof duration === 'object' ? istioDuration(duration) : duration;
}

function wholeSecondsProblem(at: string, duration: Duration | string | undefined): string[] {
  const written = text(duration);
  if (written === undefined || (/^(\d+h)?(\d+m)?(\d+s)?$/.test(written) && /[1-9]/.test(written))) return [];
  return [`${at} '${written}' is not whole seconds: write Duration.seconds(1) or more, or a text such as '1m30s'`];
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
    // The injector's template writes the value between quotation marks.
    ...(typeof value === 'string' && !/["\\\r\n]/.test(value)
      ? []
      : [
          `${at}.${name} ${JSON.stringify(value)} is no plain text: write a string without quotation mark, backslash and line break`,
        ]),
  ]);
}
