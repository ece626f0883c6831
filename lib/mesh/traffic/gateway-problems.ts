import { MESH_GATEWAY, type GatewayConstruct, type GatewayReference } from './gateway-name';
import { routesPropOf, serves, type GatewayServer } from './gateway-server';
import { fullHost } from '../host-matching';
import type { PolicyRoutes } from './policy-routes';

/**
 * Gateway constructs that serve no host of a policy or have no server for its routes, and hosts that no gateway serves,
 * one sentence each.
 */
export function gatewayProblems(policy: PolicyRoutes, gateways: readonly GatewayReference[]): string[] {
  if (gateways.length === 0) return [];
  const { namespace, hosts } = policy;
  const known = gateways.filter((gateway): gateway is GatewayConstruct => typeof gateway !== 'string');
  const props = (['routes', 'tlsRoutes', 'tcpRoutes'] as const).filter((prop) => policy[prop].length > 0);
  const serversOf = (gateway: GatewayConstruct) =>
    gateway.servers.filter((server) => props.some((prop) => prop === routesPropOf(server)));
  const unfit = known.filter((gateway) => serversOf(gateway).length === 0);
  const fit = known.filter((gateway) => !unfit.includes(gateway));
  const has = (gateway: GatewayConstruct, host: string) =>
    serversOf(gateway).some((server) => serves(server, gateway.namespace, fullHost(host, namespace), namespace));
  const idle = fit.filter((gateway) => !hosts.some((host) => has(gateway, host)));
  // A host that no given gateway serves may be intended for sidecars, or for a gateway of which only the name is known.
  const complete = known.length > 0 && known.length === gateways.length && idle.length === 0 && unfit.length === 0;
  const strangers = complete ? hosts.filter((host) => !fit.some((gateway) => has(gateway, host))) : [];
  return [
    ...unfit.map(
      (gateway) =>
        `${describe(gateway)} has no server for ${props.join(' and ')}: add one (${props.map((prop) => SERVERS[prop]).join('; ')}), or leave it out of gateways`,
    ),
    ...idle.map(
      (gateway) =>
        `${describe(gateway)} serves ${list(serversOf(gateway))}, but none of the policy's hosts ('${hosts.join("', '")}'): add them to the gateway, or name others in hosts`,
    ),
    ...strangers.map(
      (host) =>
        `hosts: '${host}' is served by none of the policy's gateways (${list(known.flatMap(serversOf))}): add it to one of them, or add '${MESH_GATEWAY}' to gateways`,
    ),
  ];
}

const SERVERS = {
  routes: 'HTTP, or HTTPS that the gateway terminates',
  tlsRoutes: 'TLS with ServerTls.PASSTHROUGH',
  tcpRoutes: 'TCP, or TLS that the gateway terminates',
} as const;

const describe = (gateway: GatewayConstruct) => `Gateway ${gateway.node.path}`;

const list = (servers: readonly GatewayServer[]) =>
  [...new Set(servers.flatMap(({ hosts }) => hosts))].map((host) => `'${host}'`).join(', ');
