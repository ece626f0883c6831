import { renderConnectionMatch, type TcpMatch, type TlsMatch } from './connection-match';
import type { Destination } from './destination';

/**
 * Where some of the TCP connections to a host go.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#TCPRoute
 */
export interface TcpRoute {
  /**
   * The connections that the route is for: those that satisfy at least one of the matches.
   *
   * @default - all that no earlier route took
   */
  readonly match?: readonly TcpMatch[];

  /** Where they go; with several destinations, each has a weight. Destinations change no headers. */
  readonly to: readonly Destination[];
}

/**
 * Where some of the TLS connections to a host go, which nothing on their way decrypts.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSRoute
 */
export interface TlsRoute {
  /** The connections that the route is for: those that satisfy at least one of the matches. */
  readonly match: readonly TlsMatch[];

  /** Where they go; with several destinations, each has a weight. Destinations change no headers. */
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
