import { definedFields } from '../fields';
import { hostsOverlap } from '../host-matching';
import { requestedHostProblem } from '../host-name';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';
import { isIpAddress } from '../security/ip-block';
import { gatewayHost } from './gateway-host';
import { GATEWAY_PROTOCOLS, protocolFamily } from './protocol-family';
import type { ServerTls } from './server-tls';

/** Properties that all servers of a Gateway have in common. */
export interface GatewayServerBase {
  /** The port of the gateway's Service, 1 to 65535. */
  readonly port: number;

  /**
   * The hosts that clients may request: domain names, `*.example.com` for all subdomains, `*` for any. With the prefix
   * `NAMESPACE/`, only policies in that namespace can use the host; `./` stands for the Gateway's own namespace. Two
   * servers that terminate TLS at the same port must not have the same host, even with different prefixes.
   */
  readonly hosts: readonly string[];

  /**
   * The IP address that the gateway's pods listen on.
   *
   * @default - all addresses
   */
  readonly bind?: string;

  /**
   * Name of the port, unique in the Gateway.
   *
   * @default - protocol and port, such as `https-443`, with a number if several servers share them
   */
  readonly name?: string;
}

/** A server without TLS for HTTP requests, which uses the `routes` of a policy. */
export interface HttpGatewayServer extends GatewayServerBase {
  /** The protocol of the clients. */
  readonly protocol: 'HTTP' | 'HTTP2' | 'GRPC' | 'GRPC-WEB';

  /**
   * Whether all requests are redirected to HTTPS (301), regardless of routes.
   *
   * @default false
   */
  readonly httpsRedirect?: boolean;

  readonly tls?: never;
}

/** A server with TLS. */
export interface TlsGatewayServer extends GatewayServerBase {
  /** The protocol of the clients: HTTPS, or another protocol over TLS. */
  readonly protocol: 'HTTPS' | 'TLS';

  /** TLS settings of the server. */
  readonly tls: ServerTls;

  readonly httpsRedirect?: never;
}

/** A server for TCP connections without TLS. It uses the `tcpRoutes` of a policy. */
export interface TcpGatewayServer extends GatewayServerBase {
  /** The protocol of the clients. */
  readonly protocol: 'TCP' | 'MONGO' | 'MYSQL' | 'REDIS';

  readonly httpsRedirect?: never;
  readonly tls?: never;
}

/** A port of a gateway, with the protocol and hosts that it accepts. */
export type GatewayServer = HttpGatewayServer | TlsGatewayServer | TcpGatewayServer;

/** The prop of a policy that contains the routes for a server. */
export type RoutesProp = 'routes' | 'tlsRoutes' | 'tcpRoutes';

/** The prop of a policy with the routes for a server; undefined if the server forwards without routes. */
export function routesPropOf({ protocol, tls }: GatewayServer): RoutesProp | undefined {
  if (!tls) return protocolFamily(protocol) === 'HTTP' ? 'routes' : 'tcpRoutes';
  if (tls.ends) return protocol === 'HTTPS' ? 'routes' : 'tcpRoutes';
  return tls.mode === 'PASSTHROUGH' ? 'tlsRoutes' : undefined;
}

/**
 * Whether a server of a Gateway accepts a host, or at least one of the names that a wildcard host covers, from policies
 * in `namespace`.
 */
export function serves(server: GatewayServer, gatewayNamespace: string, host: string, namespace: string): boolean {
  return server.hosts.some((entry) => {
    const { name, namespace: place } = gatewayHost(entry, gatewayNamespace);
    return (place === '*' || place === namespace) && hostsOverlap(name, host);
  });
}

/** The servers as the `servers` of a Gateway. */
export function renderServers(servers: readonly GatewayServer[]): Readonly<Record<string, unknown>>[] {
  const names = portNames(servers);
  return servers.map(({ port, protocol, hosts, bind, tls, httpsRedirect }, index) =>
    definedFields({
      port: { number: port, name: names[index], protocol },
      hosts,
      bind,
      tls: tls ? tls.render() : httpsRedirect ? { httpsRedirect } : undefined,
    }),
  );
}

/** The problems with the servers of a Gateway in a namespace, one sentence each. */
export function serverProblems(servers: readonly GatewayServer[], gatewayNamespace: string): string[] {
  if (servers.length === 0) {
    return ["servers is empty: name at least one, such as { port: 80, protocol: 'HTTP', hosts: ['*'] }"];
  }
  const names = portNames(servers);
  return servers.flatMap((server, index) => {
    const at = `servers[${String(index)}]`;
    const { port, protocol, hosts, name, bind, tls } = server;
    const first = names.indexOf(names[index] ?? '');
    return [
      ...wholeNumberProblem(`${at}.port`, port, 1, 65535),
      ...(GATEWAY_PROTOCOLS.includes(protocol)
        ? protocolProblems(at, server)
        : [
            `${at}.protocol '${protocol as string}' is not supported by Istio: write one of ${GATEWAY_PROTOCOLS.join(', ')}`,
          ]),
      ...(name === undefined ? [] : nameProblem(`${at}.name`, name)),
      ...(bind === undefined || isIpAddress(bind)
        ? []
        : [`${at}.bind '${bind}' is not an IP address: write one such as '10.0.0.1'`]),
      ...(first < index
        ? [`${at}.name '${names[index] ?? ''}' is already the name of servers[${String(first)}]: write another`]
        : []),
      ...(hosts.length === 0 ? [`${at}.hosts is empty: name at least one host, or '*' for any`] : []),
      ...hosts.flatMap((host) => serverHostProblem(`${at}.hosts:`, host)),
      ...(tls?.problems(`${at}.tls`) ?? []),
      ...servers
        .slice(0, index)
        .flatMap((other, number) => conflict(at, server, `servers[${String(number)}]`, other, gatewayNamespace)),
    ];
  });
}

// Types already prevent this. The check is for programs in plain JavaScript.
function protocolProblems(at: string, { protocol, tls, httpsRedirect }: GatewayServer): string[] {
  const family = protocolFamily(protocol);
  const problems: string[] = [];
  if (family === 'TLS' && !tls) {
    problems.push(
      `${at} has protocol ${protocol}, but no tls: set it, such as ServerTls.simple({ credentialName: … })`,
    );
  }
  if (family !== 'TLS' && tls) {
    const remedy = family === 'HTTP' ? 'HTTPS' : 'TLS';
    problems.push(`${at} has protocol ${protocol}, but also tls: write protocol '${remedy}', or leave out tls`);
  }
  if (family !== 'HTTP' && httpsRedirect !== undefined) {
    problems.push(`${at} has httpsRedirect, which cannot redirect protocol ${protocol}: leave it out`);
  }
  return problems;
}

function serverHostProblem(what: string, entry: string): string[] {
  const [first = '', second, ...rest] = entry.split('/');
  const host = second ?? first;
  const placed = second === undefined || first === '*' || first === '.' || labelNameProblem('', first).length === 0;
  const named = requestedHostProblem('', host).length === 0 && !/^\*[^.]/.test(host);
  return placed && rest.length === 0 && named && (host === '*' || host.includes('.'))
    ? []
    : [
        `${what} '${entry}' is not a valid host of a Gateway: write a domain name with a dot, '*.example.com' or '*', with an optional prefix NAMESPACE/`,
      ];
}

/** The problem with the name of a port, if it is empty. Istio accepts any other name. */
function nameProblem(what: string, name: string): string[] {
  return name.trim() === '' ? [`${what} is empty: write one, or leave it out`] : [];
}

/** The conflicts of a server with an earlier one on the same port, one sentence each. */
function conflict(
  at: string,
  server: GatewayServer,
  earlier: string,
  other: GatewayServer,
  gatewayNamespace: string,
): string[] {
  const port = String(server.port);
  if (server.port !== other.port || server.bind !== other.bind) return [];
  const family = protocolFamily(server.protocol);
  if (family !== protocolFamily(other.protocol)) {
    return [
      `${at} has protocol ${server.protocol} on port ${port}, on which ${earlier} has ${other.protocol}: write another port`,
    ];
  }
  if (family === 'TCP') {
    return [
      `${at} is on port ${port}, on which ${earlier} already accepts every connection: write another port, or leave it out`,
    ];
  }
  const bothEndTls = server.tls?.ends === true && other.tls?.ends === true;
  return server.hosts.flatMap((entry) => {
    const host = gatewayHost(entry, gatewayNamespace);
    const namesakes = other.hosts.filter((one) => gatewayHost(one, gatewayNamespace).name === host.name);
    if (namesakes.some((one) => gatewayHost(one, gatewayNamespace).namespace === host.namespace)) {
      return [`${at}.hosts has '${entry}' on port ${port}, which ${earlier} also has: name it in only one of them`];
    }
    const [rival] = bothEndTls ? namesakes : [];
    return rival === undefined
      ? []
      : [
          `${at}.hosts has '${entry}' on port ${port}, and ${earlier}.hosts has '${rival}', which match the same SNI, so Envoy rejects the configuration of the port: name both in one server`,
        ];
  });
}

function portNames(servers: readonly GatewayServer[]): string[] {
  const plain = servers.map(({ protocol, port }) => `${protocol.toLowerCase()}-${String(port)}`);
  return servers.map(({ name }, index) => {
    const own = plain[index] ?? '';
    const before = plain
      .slice(0, index)
      .filter((other, number) => other === own && servers[number]?.name === undefined);
    return name ?? (before.length > 0 ? `${own}-${String(before.length + 1)}` : own);
  });
}
