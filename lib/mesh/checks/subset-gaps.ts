import { groupBy } from '../../group-by';
import { destinationRules, type DestinationRules, type RuleSet } from './destination-rules';
import { gatewayApiRoutes, isService } from './gateway-api-routes';
import { fullHost, hostsOverlap } from '../host-matching';
import { hasLabels } from '../labels';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { once } from '../../once';
import { perMesh } from './per-mesh';
import { destinationsReachedBy, type RouteClient } from './reached-destinations';
import { gatewaysOf, isForSidecars, podsServing } from './route-gateways';
import { destinationsOf, routeEntries, type RoutedDestination } from './routed-destinations';
import { knowsHost, namespaceSidecar } from './sidecar-scopes';
import { listAt, textAt, textFields, textsAt } from './spec-fields';
import { MESH_GATEWAY } from '../traffic/gateway-name';
import { includesNamespace, seenIn } from './visibility';

/** A subset to which a VirtualService sends requests of clients that do not use a DestinationRule with this subset. */
export interface SubsetGap {
  readonly route: MeshObject;
  readonly host: string;
  readonly subset: string;
  readonly client: RouteClient;

  /** The rules that the clients use instead. */
  readonly used: RuleSet;

  /** A rule that defines the subset for other clients. */
  readonly defining: MeshObject;
}

/** The rules that a client uses for a host. */
interface Usage {
  readonly client: RouteClient;
  readonly used: RuleSet;
}

/** An object with routes that apply in sidecars. */
interface SidecarRoute {
  readonly object: MeshObject;
  readonly hosts: readonly string[];

  /** The namespaces of the sidecars; `*` for all. */
  readonly seen: readonly string[];
}

/** The subsets to which VirtualServices send requests, but that only some of their clients have. */
export const subsetGaps = perMesh((mesh): readonly SubsetGap[] => {
  const rules = destinationRules(mesh);
  const varying = rules.varyingHosts();
  if (varying.size === 0) return [];
  return mesh.ofKind('VirtualService').flatMap((route) => {
    // The VirtualService that delegates decides which clients have the routes.
    if (textsAt(route.spec, 'hosts').length === 0 || route.namespace === '') return [];
    return [...destinationsByHost(route)]
      .filter(([host]) => varying.has(host) && isPlaced(rules.forHost(host)))
      .flatMap(([host, destinations]) =>
        [...sidecars(mesh, rules, route, host), ...gateways(mesh, rules, route, host)].flatMap((usage) =>
          gapsOf(rules, route, { host, destinations }, usage),
        ),
      )
      .filter((gap) => gap.client.gateway !== MESH_GATEWAY || usesRoute(mesh, gap));
  });
});

/** The names of the subsets that a DestinationRule defines. */
export const subsetsOf = once(({ spec }: MeshObject): readonly string[] =>
  listAt(spec, 'subsets').map((subset) => textAt(subset, 'name') ?? ''),
);

function gapsOf(
  rules: DestinationRules,
  route: MeshObject,
  { host, destinations }: { readonly host: string; readonly destinations: readonly RoutedDestination[] },
  { client, used }: Usage,
): readonly SubsetGap[] {
  const isDefinedBy = (subset: string) => (rule: MeshObject) => subsetsOf(rule).includes(subset);
  const lacking = destinations
    .flatMap(({ subset }) => subset ?? [])
    .filter((subset) => !used.rules.some(isDefinedBy(subset)));
  // Without this condition, every route of every client would be read.
  if (lacking.length === 0) return [];
  const reached = destinationsReachedBy(client, routeEntries(route), route.namespace);
  const named = reached.flatMap((destination) => (destination.host === host ? (destination.subset ?? []) : []));
  return [...new Set(named)]
    .filter((subset) => lacking.includes(subset))
    .flatMap((subset) => {
      const defining = rules.forHost(host).find(isDefinedBy(subset));
      return defining ? [{ route, host, subset, client, used, defining }] : [];
    });
}

/** The destinations of a VirtualService that name a subset, by their hosts. */
function destinationsByHost(route: MeshObject): ReadonlyMap<string, readonly RoutedDestination[]> {
  const named = destinationsOf(route).filter(({ subset }) => subset !== undefined);
  return groupBy(named, ({ host }) => host);
}

/** Whether the namespaces of the rules are known. */
function isPlaced(rules: readonly MeshObject[]): boolean {
  return rules.every(({ namespace }) => namespace !== '');
}

/** The sidecars in which a VirtualService applies, with the rules that they use for a host. */
function sidecars(mesh: Mesh, rules: DestinationRules, route: MeshObject, host: string): readonly Usage[] {
  if (!isForSidecars(route)) return [];
  const seen = seenIn(mesh, route);
  const namespaces = seen.includes('*') ? ['', ...rules.namespacesWithRules(host), ...sourceNamespacesOf(route)] : seen;
  return [...new Set(namespaces)]
    .filter((namespace) => mesh.namespaces.get(namespace)?.injected !== false)
    .flatMap((namespace) => {
      const sets = rules.usedIn(host, namespace);
      const selectors = sets.flatMap(({ selector }) => (selector ? [selector] : []));
      return sets.map((used) => {
        const { selector: labels = {} } = used;
        const lacked = used.selector ? [] : selectors;
        return { used, client: { gateway: MESH_GATEWAY, namespace, labels, hasAllLabels: false, lacked } };
      });
    });
}

const sourceNamespacesOf = once((route: MeshObject): readonly string[] =>
  routeEntries(route)
    .flat()
    .flatMap(({ matches }) => matches.flatMap((match) => textAt(match, 'sourceNamespace') ?? [])),
);

/** The pods of the app that serve the gateways of a VirtualService, with the rules that they use for a host. */
function gateways(mesh: Mesh, rules: DestinationRules, route: MeshObject, host: string): readonly Usage[] {
  const seen = seenIn(mesh, route);
  return gatewaysOf(mesh, route).flatMap((gateway) =>
    podsServing(mesh, gateway)
      .filter(({ namespace }) => namespace !== '' && includesNamespace(seen, namespace))
      .flatMap((pods) => {
        const labels = textFields(pods.labels);
        const sets = rules.usedIn(host, pods.namespace);
        const selected = sets.find((set) => set.selector && hasLabels(labels, set.selector));
        const used = selected ?? sets.find((set) => set.selector === undefined);
        const lacked = selected ? [] : sets.flatMap(({ selector: one }) => (one ? [one] : []));
        const client = { gateway: gateway.name, namespace: pods.namespace, labels, hasAllLabels: true, lacked };
        return used ? [{ used, client }] : [];
      }),
  );
}

/**
 * Whether the sidecars of a namespace know a VirtualService, and get no other routes of the app for overlapping hosts.
 */
function usesRoute(mesh: Mesh, { route, client: { namespace } }: SubsetGap): boolean {
  const hosts = fullHosts(route);
  const sidecar = namespaceSidecar(mesh, namespace);
  return (
    hosts.some((name) => knowsHost(sidecar, namespace, { name, namespace: route.namespace })) &&
    !sidecarRoutes(mesh)
      .filter(({ object, seen }) => object !== route && includesNamespace(seen, namespace))
      .some((other) => other.hosts.some((one) => hosts.some((host) => hostsOverlap(one, host))))
  );
}

const sidecarRoutes = perMesh((mesh): readonly SidecarRoute[] => [
  ...mesh
    .ofKind('VirtualService')
    .filter(isForSidecars)
    .map((object) => ({ object, hosts: fullHosts(object), seen: seenIn(mesh, object) })),
  ...gatewayApiRoutes(mesh).map(({ route, parents }) => ({
    object: route,
    hosts: parents.filter(isService).map(({ name, namespace }) => fullHost(name, namespace)),
    seen: [route.namespace],
  })),
]);

function fullHosts({ spec, namespace }: MeshObject): readonly string[] {
  return textsAt(spec, 'hosts').map((host) => fullHost(host, namespace));
}
