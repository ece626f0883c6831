import { tcpRouteProblems, tlsRouteProblems, tlsRouteWarnings } from './connection-route-problems';
import { destinationPolicyProblems } from './destination-policy';
import type { Destination } from './destination';
import { weightWarnings, type RouteSurroundings } from './destination-problems';
import { exportToProblems } from './export-to';
import { definedFields } from '../fields';
import { fullGatewayName, gatewayName, gatewayNameProblem, MESH_GATEWAY } from './gateway-name';
import { gatewayProblems } from './gateway-problems';
import { overlappingHostProblems } from '../host-matching';
import { isHostOfHandshake, requestedHostProblem } from '../host-name';
import { namespaceName } from '../namespaces/namespace-reference';
import { hostOf, serviceKindProblem } from '../namespaces/service-reference';
import type { PolicyRoutes } from './policy-routes';
import { renderDestinationRule } from './render-destination-rule';
import { routeProblems } from './route-problems';
import { ServiceEntry } from './service-entry';
import { isEncrypted, portName } from './service-entry-ports';
import { Subset } from './subset';
import type { TrafficPolicyProps } from './traffic-policy-props';
import { labelProblems } from '../labels';
import { isIpAddress } from '../security/ip-block';

/** What is wrong with what a policy says, one sentence each; its name and namespace apart. */
export function policyProblems(policy: PolicyRoutes, props: TrafficPolicyProps): string[] {
  const { subsets = {}, fault, exportTo } = props;
  const { host, namespace, routes, tlsRoutes, tcpRoutes } = policy;
  const surroundings: RouteSurroundings = {
    host,
    namespace,
    subsets: Object.keys(subsets),
    gateways: (props.gateways ?? []).map((gateway) => fullGatewayName(gateway, namespace)),
    delegated: props.hosts === 'delegated',
  };
  const routed = routes.length + tlsRoutes.length + tcpRoutes.length > 0;
  return [
    ...ownHostProblems(host, props),
    ...Object.entries(subsets).flatMap(([name, subset]) => Subset.from(subset).problems(name, props)),
    ...(routed ? clientProblems(policy, props) : routeless(props)),
    ...routeProblems(routes, surroundings),
    ...tlsRouteProblems(tlsRoutes, policy.hosts, surroundings),
    ...tcpRouteProblems(tcpRoutes, surroundings),
    ...(fault?.problems('fault') ?? []),
    ...destinationPolicyProblems(
      '',
      props,
      Object.values(subsets).map((subset) => Subset.from(subset).policy),
    ),
    ...(isIpAddress(host) && renderDestinationRule(host, props)
      ? [
          `host '${host}' is an address, for which Istio takes routes alone: give it a name by a ServiceEntry, and write that`,
        ]
      : []),
    ...clientTlsProblems(props),
    ...exportToProblems(exportTo, namespace),
    ...clientsProblems(policy, props),
  ];
}

/** What is likely not meant by a policy, one sentence each. */
export function policyWarnings(
  { host, routes, tlsRoutes, tcpRoutes }: PolicyRoutes,
  { subsets = {} }: TrafficPolicyProps,
  destinationRule: Readonly<Record<string, unknown>> | undefined,
): string[] {
  const silent = destinationRule !== undefined && Object.keys(destinationRule).every((field) => field === 'host');
  const ofWeights = (prop: string, list: readonly { readonly to?: readonly Destination[] }[]) =>
    list.flatMap(({ to = [] }, index) => weightWarnings(`${prop}[${String(index)}].to`, to));
  return [
    ...(silent
      ? [
          `is empty for host '${host}', for which it takes the place of wider policies: set routes, subsets or circuitBreaker`,
        ]
      : []),
    ...Object.entries(subsets).flatMap(([name, subset]) => Subset.from(subset).warnings(name)),
    ...routes.flatMap(({ match = [] }, index) =>
      match.flatMap((one) => one.warnings().map((warning) => `routes[${String(index)}].match: ${warning}`)),
    ),
    ...ofWeights('routes', routes),
    ...ofWeights('tlsRoutes', tlsRoutes),
    ...ofWeights('tcpRoutes', tcpRoutes),
    ...tlsRouteWarnings(tlsRoutes),
  ];
}

function ownHostProblems(host: string, props: TrafficPolicyProps): string[] {
  if (props.host === undefined) {
    return renderDestinationRule(host, props)
      ? ['subsets, clientTls and the like are for one host: set host, or leave them out']
      : [];
  }
  if (!(props.host instanceof ServiceEntry)) {
    return [...serviceKindProblem('host', props.host), ...requestedHostProblem('host', host)];
  }
  if (props.host.hosts.length === 1) return requestedHostProblem('host', host);
  return [
    `host is ServiceEntry ${props.host.node.path} with ${String(props.host.hosts.length)} hosts ('${props.host.hosts.join("', '")}'): write one of them`,
  ];
}

function clientProblems(policy: PolicyRoutes, props: TrafficPolicyProps): string[] {
  const { hosts, namespace } = policy;
  const { gateways = [] } = props;
  if (props.hosts === 'delegated') {
    return Object.entries({ gateways: props.gateways, tlsRoutes: props.tlsRoutes, tcpRoutes: props.tcpRoutes })
      .filter(([, value]) => value !== undefined)
      .map(([prop]) => `${prop} is not for a policy whose hosts are 'delegated': leave it out`);
  }
  const inMesh = gateways.length === 0 || gateways.includes(MESH_GATEWAY);
  const handshakes =
    gateways.some((gateway) => gateway !== MESH_GATEWAY) &&
    policy.tlsRoutes.some(({ match }) => match.some(({ sniHosts }) => sniHosts.length > 0));
  const named = (props.hosts ?? []).flatMap((host) =>
    handshakes && typeof host === 'string' && isHostOfHandshake(host)
      ? []
      : [...serviceKindProblem('one of hosts', host), ...requestedHostProblem('hosts:', hostOf(host, namespace))],
  );
  return [
    ...named,
    ...(hosts.length === 0
      ? [
          [props.host, props.hosts].every((given) => given === undefined)
            ? 'names neither host nor hosts: set one of them'
            : 'hosts is empty: name at least one, or leave it out',
        ]
      : []),
    ...(named.length > 0 ? [] : overlappingHostProblems('hosts', hosts)),
    ...gateways.flatMap((gateway) => gatewayNameProblem(gatewayName(gateway))),
    ...(hosts.includes('*') && inMesh
      ? [`host '*' is for gateways alone: set the prop gateways, without '${MESH_GATEWAY}', or write a host`]
      : []),
    ...gatewayProblems(policy, gateways),
  ];
}

function routeless({ hosts, gateways }: TrafficPolicyProps): string[] {
  return Object.keys(definedFields({ hosts, gateways })).map(
    (prop) => `${prop} is for routes, of which there are none: set routes, or leave ${prop} out`,
  );
}

function clientTlsProblems({ clientTls, host }: TrafficPolicyProps): string[] {
  if (!clientTls) return [];
  const encrypted = clientTls.originates && host instanceof ServiceEntry ? host.ports.filter(isEncrypted) : [];
  return [
    ...encrypted.map(
      (port) =>
        `clientTls ${clientTls.mode} would encrypt once more what clients encrypt on port ${portName(port)} (${port.protocol ?? ''}): let them speak HTTP there, or leave clientTls out`,
    ),
  ];
}

function clientsProblems({ host, namespace }: PolicyRoutes, props: TrafficPolicyProps): string[] {
  const { clients, exportTo = [] } = props;
  if (!clients) return [];
  const foreign = exportTo.map(namespaceName).filter((name) => name !== '.' && name !== namespace);
  return [
    ...(Object.keys(clients).length === 0
      ? ['clients {} selects by no label: name at least one, or leave it out for all']
      : labelProblems('clients', clients)),
    ...(renderDestinationRule(host, props)
      ? []
      : [
          'clients are for a DestinationRule, of which there is none: set subsets, clientTls or circuitBreaker, or leave clients out',
        ]),
    ...foreign.map((name) => `clients are pods of namespace '${namespace}', but exportTo has '${name}': write '.'`),
  ];
}
