import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { durationProblem, istioDuration, milliseconds } from '../istio-duration';
import { wholeNumberProblem } from '../number-range';

/** Probes of idle TCP connections. */
export interface TcpKeepalive {
  /**
   * Number of unanswered probes after which a connection is considered dead.
   *
   * @default - the operating system's: 9 on Linux
   */
  readonly probes?: number;

  /**
   * Idle time before the first probe, in whole seconds.
   *
   * @default - the operating system's: 2 hours on Linux
   */
  readonly time?: Duration;

  /**
   * Time between probes, in whole seconds.
   *
   * @default - the operating system's: 75 seconds on Linux
   */
  readonly interval?: Duration;
}

/** Settings of the TCP connections to a host, including those of HTTP. */
export interface TcpConnectionPool {
  /**
   * Timeout for new connections.
   *
   * @default - Istio's: 10 seconds
   */
  readonly connectTimeout?: Duration;

  /**
   * Maximum age of a connection, after which it is closed.
   *
   * @default - none
   */
  readonly maxConnectionDuration?: Duration;

  /**
   * Time without traffic after which TCP connections are closed. `Duration.millis(0)` keeps them open.
   *
   * @default - Istio's: 1 hour
   */
  readonly idleTimeout?: Duration;

  /**
   * Probes of idle connections; `{}` uses the defaults of the operating system.
   *
   * @default - none
   */
  readonly keepalive?: TcpKeepalive;
}

/** Settings of the HTTP connections to a host. */
export interface HttpConnectionPool {
  /**
   * Number of requests after which a connection is closed; 1 disables keep-alive.
   *
   * @default - Istio's: no limit
   */
  readonly maxRequestsPerConnection?: number;

  /**
   * Time without a request after which connections are closed.
   *
   * @default - Istio's: 1 hour
   */
  readonly idleTimeout?: Duration;

  /**
   * Whether HTTP/1.1 connections are upgraded to HTTP/2.
   *
   * @default - the setting of the mesh
   */
  readonly h2Upgrade?: boolean;

  /**
   * Whether the proxy uses the client's HTTP version for its connection to the host. It cannot be combined with
   * `h2Upgrade`.
   *
   * @default false
   */
  readonly useClientProtocol?: boolean;

  /**
   * Maximum number of concurrent streams on one HTTP/2 connection.
   *
   * @default - Istio's: no limit
   */
  readonly maxConcurrentStreams?: number;

  /**
   * Probes of idle HTTP/2 connections.
   *
   * @default - none
   */
  readonly http2KeepAlive?: Http2KeepAlive;
}

/** Probes of idle HTTP/2 connections (PING frames). */
export interface Http2KeepAlive {
  /** Idle time before a probe is sent. */
  readonly interval: Duration;

  /** Timeout for the answer, after which the connection is closed. */
  readonly timeout: Duration;
}

/**
 * Settings of the connections from a client to a host. Their limits are props of {@link CircuitBreaker}.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 */
export interface ConnectionPool {
  /**
   * Settings of TCP connections, including those of HTTP.
   *
   * @default - Istio's
   */
  readonly tcp?: TcpConnectionPool;

  /**
   * Settings of HTTP connections.
   *
   * @default - Istio's
   */
  readonly http?: HttpConnectionPool;
}

const MAX_REQUESTS_PER_CONNECTION = 2 ** 29;

/** The `tcp` and `http` of a DestinationRule's `connectionPool`. */
export function renderConnectionPool({ tcp = {}, http = {} }: ConnectionPool): Record<'tcp' | 'http', object> {
  const { connectTimeout, maxConnectionDuration, idleTimeout, keepalive } = tcp;
  const { h2Upgrade, http2KeepAlive, ...sameNames } = http;
  return {
    tcp: definedFields({
      connectTimeout: connectTimeout && istioDuration(connectTimeout),
      maxConnectionDuration: maxConnectionDuration && istioDuration(maxConnectionDuration),
      idleTimeout: idleTimeout && istioDuration(idleTimeout),
      tcpKeepalive:
        keepalive &&
        definedFields({
          probes: keepalive.probes,
          time: keepalive.time && istioDuration(keepalive.time),
          interval: keepalive.interval && istioDuration(keepalive.interval),
        }),
    }),
    http: definedFields({
      ...sameNames,
      idleTimeout: http.idleTimeout && istioDuration(http.idleTimeout),
      http2KeepAlive: http2KeepAlive && {
        interval: istioDuration(http2KeepAlive.interval),
        timeout: istioDuration(http2KeepAlive.timeout),
      },
      h2UpgradePolicy: h2Upgrade === undefined ? undefined : h2Upgrade ? 'UPGRADE' : 'DO_NOT_UPGRADE',
    }),
  };
}

/** The problems with a connection pool at a place, one sentence each. */
export function connectionPoolProblems(at: string, { tcp = {}, http = {} }: ConnectionPool): string[] {
  const { connectTimeout, maxConnectionDuration, idleTimeout, keepalive = {} } = tcp;
  return [
    ...durationProblem(`${at}.tcp.connectTimeout`, connectTimeout),
    ...durationProblem(`${at}.tcp.maxConnectionDuration`, maxConnectionDuration),
    ...(idleTimeout && milliseconds(idleTimeout) === 0 ? [] : durationProblem(`${at}.tcp.idleTimeout`, idleTimeout)),
    ...wholeNumberProblem(`${at}.tcp.keepalive.probes`, keepalive.probes, 1),
    ...wholeSecondsProblem(`${at}.tcp.keepalive.time`, keepalive.time),
    ...wholeSecondsProblem(`${at}.tcp.keepalive.interval`, keepalive.interval),
    ...wholeNumberProblem(
      `${at}.http.maxRequestsPerConnection`,
      http.maxRequestsPerConnection,
      1,
      MAX_REQUESTS_PER_CONNECTION,
    ),
    ...wholeNumberProblem(`${at}.http.maxConcurrentStreams`, http.maxConcurrentStreams, 1),
    ...durationProblem(`${at}.http.idleTimeout`, http.idleTimeout),
    ...durationProblem(`${at}.http.http2KeepAlive.interval`, http.http2KeepAlive?.interval),
    ...durationProblem(`${at}.http.http2KeepAlive.timeout`, http.http2KeepAlive?.timeout),
    ...(http.h2Upgrade && http.useClientProtocol
      ? [`${at}.http has both h2Upgrade and useClientProtocol, which contradict each other: leave out one of them`]
      : []),
  ];
}

// Envoy's keepalive counts in whole seconds and truncates fractions.
function wholeSecondsProblem(prop: string, duration: Duration | undefined): string[] {
  if (duration === undefined) return [];
  const length = milliseconds(duration);
  return length > 0 && length % 1000 === 0
    ? durationProblem(prop, duration)
    : [
        `${prop} ${istioDuration(duration)} is not a whole number of seconds: write at least 1 second, without a fraction`,
      ];
}
