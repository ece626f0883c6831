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

/** The problems with a policy, except those with its name and namespace, one sentence each. */
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
          `host '${host}' is an IP address, for which Istio supports only routes: give it a host name with a ServiceEntry, and write that name`,
        ]
      : []),
    ...clientTlsProblems(props),
    ...exportToProblems(exportTo, namespace),
    ...clientsProblems(policy, props),
  ];
}

/** Likely mistakes in a policy, one sentence each. */
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
      ? [`is empty, but replaces wider policies for host '${host}': set routes, subsets or circuitBreaker`]
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
      ? ['has subsets, clientTls or other settings of a single host, but no host: set host, or leave them out']
      : [];
  }
  if (!(props.host instanceof ServiceEntry)) {
    return [...serviceKindProblem('host', props.host), ...requestedHostProblem('host', host)];
  }
  if (props.host.hosts.length === 1) return requestedHostProblem('host', host);
  return [
    `host is ServiceEntry ${props.host.node.path}, which has ${String(props.host.hosts.length)} hosts ('${props.host.hosts.join("', '")}'): write one of them`,
  ];
}

function clientProblems(policy: PolicyRoutes, props: TrafficPolicyProps): string[] {
  const { hosts, namespace } = policy;
  const { gateways = [] } = props;
  if (props.hosts === 'delegated') {
    return Object.entries({ gateways: props.gateways, tlsRoutes: props.tlsRoutes, tcpRoutes: props.tcpRoutes })
      .filter(([, value]) => value !== undefined)
      .map(([prop]) => `${prop} is not supported in a policy whose hosts are 'delegated': leave it out`);
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
            ? 'has neither host nor hosts: set one of them'
            : 'hosts is empty: name at least one, or leave it out',
        ]
      : []),
    ...(named.length > 0 ? [] : overlappingHostProblems('hosts', hosts)),
    ...gateways.flatMap((gateway) => gatewayNameProblem(gatewayName(gateway))),
    ...(hosts.includes('*') && inMesh
      ? [`host '*' is only supported at gateways: set the prop gateways, without '${MESH_GATEWAY}', or write a host`]
      : []),
    ...gatewayProblems(policy, gateways),
  ];
}

function routeless({ hosts, gateways }: TrafficPolicyProps): string[] {
  return Object.keys(definedFields({ hosts, gateways })).map(
    (prop) => `${prop} has no effect without routes: set routes, or leave ${prop} out`,
  );
}

function clientTlsProblems({ clientTls, host }: TrafficPolicyProps): string[] {
  if (!clientTls) return [];
  const encrypted = clientTls.originates && host instanceof ServiceEntry ? host.ports.filter(isEncrypted) : [];
  return [
    ...encrypted.map(
      (port) =>
        `clientTls ${clientTls.mode} would again encrypt the traffic that clients already encrypt on port ${portName(port)} (${port.protocol ?? ''}): let clients use HTTP there, or leave clientTls out`,
    ),
  ];
}

function clientsProblems({ host, namespace }: PolicyRoutes, props: TrafficPolicyProps): string[] {
  const { clients, exportTo = [] } = props;
  if (!clients) return [];
  const foreign = exportTo.map(namespaceName).filter((name) => name !== '.' && name !== namespace);
  return [
    ...(Object.keys(clients).length === 0
      ? ['clients {} has no labels: name at least one, or leave it out to select all']
      : labelProblems('clients', clients)),
    ...(renderDestinationRule(host, props)
      ? []
      : [
          'clients has no effect without a DestinationRule: set subsets, clientTls or circuitBreaker, or leave clients out',
        ]),
    ...foreign.map(
      (name) => `clients selects pods in namespace '${namespace}' only, but exportTo has '${name}': write '.'`,
    ),
  ];
}
