import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { durationProblem, istioDuration, milliseconds } from '../istio-duration';
import { wholeNumberProblem } from '../number-range';

/** Probes of idle TCP connections. */
export interface TcpKeepalive {
  /**
   * Probes without an answer after which a connection counts as dead.
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

/** TCP connections to a host, HTTP's among them. */
export interface TcpConnectionPool {
  /**
   * Time to connect.
   *
   * @default - Istio's: 10 seconds
   */
  readonly connectTimeout?: Duration;

  /**
   * Age at which connections are closed.
   *
   * @default - none
   */
  readonly maxConnectionDuration?: Duration;

  /**
   * Time without a byte after which TCP connections are closed; nothing (`Duration.millis(0)`) keeps them open.
   *
   * @default - Istio's: 1 hour
   */
  readonly idleTimeout?: Duration;

  /**
   * Probes of idle connections; `{}` takes them as the operating system has them.
   *
   * @default - none
   */
  readonly keepalive?: TcpKeepalive;
}

/** HTTP connections to a host. */
export interface HttpConnectionPool {
  /**
   * Requests after which a connection is closed; 1 turns keep-alive off.
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
   * Whether connections of HTTP/1.1 become HTTP/2.
   *
   * @default - the mesh's
   */
  readonly h2Upgrade?: boolean;

  /**
   * Whether the client's version of HTTP is kept towards the host; leaves no room for `h2Upgrade`.
   *
   * @default false
   */
  readonly useClientProtocol?: boolean;

  /**
   * Streams at a time on one connection of HTTP/2.
   *
   * @default - Istio's: no limit
   */
  readonly maxConcurrentStreams?: number;

  /**
   * Probes of idle connections of HTTP/2.
   *
   * @default - none
   */
  readonly http2KeepAlive?: Http2KeepAlive;
}

/** Probes of idle connections of HTTP/2 (PING frames). */
export interface Http2KeepAlive {
  /** Idle time before a probe. */
  readonly interval: Duration;

  /** Time for its answer, after which the connection is closed. */
  readonly timeout: Duration;
}

/**
 * Connections of a client to a host; their limits are props of {@link CircuitBreaker}.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 */
export interface ConnectionPool {
  /**
   * TCP connections, HTTP's among them.
   *
   * @default - Istio's
   */
  readonly tcp?: TcpConnectionPool;

  /**
   * HTTP connections.
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

// Envoy's keepalive counts in seconds; a fraction is cut off.
function wholeSecondsProblem(prop: string, duration: Duration | undefined): string[] {
  if (duration === undefined) return [];
  const length = milliseconds(duration);
  return length > 0 && length % 1000 === 0
    ? durationProblem(prop, duration)
    : [`${prop} ${istioDuration(duration)} is not counted in seconds: write a whole number of them, from 1 on`];
}
