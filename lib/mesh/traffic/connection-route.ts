import { renderConnectionMatch, type TcpMatch, type TlsMatch } from './connection-match';
import type { Destination } from './destination';

/**
 * A route for some or all of the TCP connections to a host.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#TCPRoute
 */
export interface TcpRoute {
  /**
   * Matches that select the connections of the route. A connection needs to satisfy at least one of them.
   *
   * @default - all connections that no earlier route matches
   */
  readonly match?: readonly TcpMatch[];

  /** Destinations of the connections. If there are several, each needs a weight. They must not change headers. */
  readonly to: readonly Destination[];
}

/**
 * A route for some of the TLS connections to a host. No proxy on their path decrypts them.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSRoute
 */
export interface TlsRoute {
  /** Matches that select the connections of the route. A connection needs to satisfy at least one of them. */
  readonly match: readonly TlsMatch[];

  /** Destinations of the connections. If there are several, each needs a weight. They must not change headers. */
  readonly to: readonly Destination[];
}

/** A route as an entry of a VirtualService's `tcp` or `tls`. */
export function renderConnectionRoute(
  { match = [], to }: TcpRoute | TlsRoute,
  host: string,
): Readonly<Record<string, unknown>> {
  return {
    ...(match.length > 0 ? { match: match.map(renderConnectionMatch) } : {}),
    route: to.map((destination) => destination.render(host)),
  };
}
