import { connectionMatchProblems, coversConnection, type TcpMatch, type TlsMatch } from './connection-match';
import type { TcpRoute, TlsRoute } from './connection-route';
import { destinationProblems, type RouteSurroundings } from './destination-problems';
import { gatewayName, MESH_GATEWAY } from './gateway-name';
import { coversHost } from '../host-matching';
import { hostProblem, isHostOfHandshake } from '../host-name';
import { isIpAddress } from '../security/ip-block';
import { unknownGatewayProblems } from './route-gateways';
import { unreachableProblems } from './unreachable-routes';

/** The problems with TCP routes, one sentence each. */
export function tcpRouteProblems(routes: readonly TcpRoute[], surroundings: RouteSurroundings): string[] {
  return [
    ...unreachableProblems('tcpRoutes', routes, coversConnection),
    ...routes.flatMap((route, index) => connectionRouteProblems(`tcpRoutes[${String(index)}]`, route, surroundings)),
  ];
}

/** The problems with the TLS routes of a policy for hosts, one sentence each. */
export function tlsRouteProblems(
  routes: readonly TlsRoute[],
  hosts: readonly string[],
  surroundings: RouteSurroundings,
): string[] {
  return [
    ...(routes.every(({ match }) => match.length > 0)
      ? unreachableProblems('tlsRoutes', routes, coversConnection)
      : []),
    ...routes.flatMap((route, index) => {
      const at = `tlsRoutes[${String(index)}]`;
      return [
        ...(route.match.length === 0
          ? [`${at}.match is empty: name at least one match, such as { sniHosts: ['${hosts[0] ?? 'example.com'}'] }`]
          : []),
        ...route.match.flatMap(({ sniHosts }) =>
          sniHosts.flatMap((sniHost) => sniProblem(at, sniHost, hosts, surroundings)),
        ),
        ...connectionRouteProblems(at, route, surroundings),
      ];
    }),
  ];
}

/** Likely mistakes in TLS routes, one sentence each. */
export function tlsRouteWarnings(routes: readonly TlsRoute[]): string[] {
  return routes.flatMap(({ match }, index) =>
    match
      .flatMap(({ sniHosts }) => sniHosts)
      .filter(isIpAddress)
      .map(
        (address) =>
          `tlsRoutes[${String(index)}].match: sniHosts: '${address}' is an IP address, which clients do not send as a server name: write a host`,
      ),
  );
}

function connectionRouteProblems(at: string, route: TcpRoute | TlsRoute, surroundings: RouteSurroundings): string[] {
  const match: readonly (TcpMatch | TlsMatch)[] = route.match ?? [];
  return [
    ...match.flatMap((one) => [
      ...connectionMatchProblems(one).map((problem) => `${at}.match: ${problem}`),
      ...unknownGatewayProblems(
        `${at}.match`,
        (one.gateways ?? []).map((gateway) => gatewayName(gateway)),
        surroundings,
      ),
    ]),
    ...destinationProblems(`${at}.to`, route.to, surroundings),
    ...route.to.flatMap(({ headers }, index) =>
      Object.keys(headers).length > 0
        ? [`${at}.to[${String(index)}] changes headers, but connections have no headers: leave out headers`]
        : [],
    ),
  ];
}

function sniProblem(at: string, sniHost: string, hosts: readonly string[], { gateways }: RouteSurroundings): string[] {
  if (isIpAddress(sniHost)) return [];
  const ofHandshake = isHostOfHandshake(sniHost) && gateways.some((gateway) => gateway !== MESH_GATEWAY);
  const problem = ofHandshake ? [] : hostProblem(`${at}.match: sniHosts:`, sniHost);
  if (problem.length > 0) return problem;
  return hosts.some((host) => coversHost(host, sniHost))
    ? []
    : [
        `${at}.match: sniHosts: '${sniHost}' is not within the policy's hosts ('${hosts.join("', '")}'): add it to the prop hosts, or write a host within them`,
      ];
}
