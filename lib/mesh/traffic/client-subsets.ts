import type { Destination } from './destination';
import { MESH_GATEWAY, type GatewayReference } from './gateway-name';
import type { Mirror } from './mirror';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import type { PolicyRoutes } from './policy-routes';
import type { TrafficPolicyProps } from './traffic-policy-props';
import { mirrorsOf } from './traffic-route';
import type { Labels } from '../labels';

/** The conditions of a match on the proxies in which it applies. */
interface Source {
  readonly gateways?: readonly GatewayReference[];
  readonly sourceLabels?: Labels;
  readonly sourceNamespace?: NamespaceReference;
}

/** A route to subsets of the policy, with its matches. */
interface SubsetRoute {
  readonly at: string;
  readonly sources: readonly Source[];
}

/**
 * Routes of a policy with `clients` to its own subsets that also apply to other clients. A DestinationRule with a
 * workload selector only exists for the selected pods, and its subsets with it.
 */
export function clientSubsetProblems(policy: PolicyRoutes, props: TrafficPolicyProps): string[] {
  const { clients = {} } = props;
  const labels = Object.entries(clients);
  const isSelected = ({ sourceLabels = {}, sourceNamespace = policy.namespace }: Source) =>
    labels.every(([key, value]) => sourceLabels[key] === value) && namespaceName(sourceNamespace) === policy.namespace;
  return sidecarRoutes(policy, props)
    .filter(({ sources }) => !sources.every(isSelected))
    .map(
      ({ at }) =>
        `${at} leads to subsets of the policy, which only exist for pods with the labels of clients in namespace '${policy.namespace}', so requests from other pods fail: leave clients out, or add the same sourceLabels to each match of the route`,
    );
}

/** The routes to subsets of the policy that apply in sidecars, with the matches that do. */
function sidecarRoutes(policy: PolicyRoutes, { clients, hosts, gateways = [] }: TrafficPolicyProps): SubsetRoute[] {
  // The matches of the policy that delegates may select the clients.
  if (Object.keys(clients ?? {}).length === 0 || hosts === 'delegated') return [];
  const own: readonly GatewayReference[] = gateways.length > 0 ? gateways : [MESH_GATEWAY];
  return subsetRoutes(policy)
    .map(({ at, sources }) => ({
      at,
      sources: sources.filter((source) => (source.gateways ?? own).includes(MESH_GATEWAY)),
    }))
    .filter(({ sources }) => sources.length > 0);
}

function subsetRoutes({ routes, tlsRoutes, tcpRoutes }: PolicyRoutes): SubsetRoute[] {
  const route = (at: string, targets: readonly (Destination | Mirror)[], sources: readonly Source[]): SubsetRoute[] =>
    targets.some(({ host, subset }) => host === undefined && subset !== undefined)
      ? [{ at, sources: sources.length > 0 ? sources : [{}] }]
      : [];
  return [
    ...routes.flatMap((one, index) =>
      route(
        `routes[${String(index)}]`,
        [...(one.to ?? []), ...mirrorsOf(one)],
        (one.match ?? []).map(({ conditions }) => conditions),
      ),
    ),
    ...tlsRoutes.flatMap(({ to, match }, index) => route(`tlsRoutes[${String(index)}]`, to, match)),
    ...tcpRoutes.flatMap(({ to, match = [] }, index) => route(`tcpRoutes[${String(index)}]`, to, match)),
  ];
}
