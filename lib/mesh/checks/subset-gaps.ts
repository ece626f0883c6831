import type { DestinationRules, RuleSet } from './destination-rules';
import { gatewayApiRoutes, isService } from './gateway-api-routes';
import { fullHost, hostsOverlap } from '../host-matching';
import { podsWith } from './known-pods';
import type { Labels } from '../labels';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { destinationsReachedBy, type RouteClient } from './reached-destinations';
import { routeEntries, type RouteEntry } from './routed-destinations';
import { fieldsAt, listAt, textAt, textFields, textsAt } from './spec-fields';
import { fullGatewayName, MESH_GATEWAY } from '../traffic/gateway-name';
import { seenIn } from './visibility';

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

/** The subsets to which VirtualServices send requests, but that only some of their clients have. */
export function subsetGaps(mesh: Mesh, rules: DestinationRules): readonly SubsetGap[] {
  return mesh.ofKind('VirtualService').flatMap((route) => {
    // The VirtualService that delegates decides which clients have the routes.
    if (textsAt(route.spec, 'hosts').length === 0 || route.namespace === '') return [];
    const entries = routeEntries(route);
    return hostsWithSubsets(entries)
      .filter((host) => isPlaced(rules.forHost(host)))
      .flatMap((host) =>
        [...sidecars(mesh, rules, route, entries, host), ...gateways(mesh, rules, route, host)].flatMap((usage) =>
          gapsOf(rules, route, entries, host, usage),
        ),
      )
      .filter(({ client }) => client.gateway !== MESH_GATEWAY || !hasOtherRoutes(mesh, route, client.namespace));
  });
}

/** The names of the subsets that a DestinationRule defines. */
export function subsetsOf({ spec }: MeshObject): readonly string[] {
  return listAt(spec, 'subsets').map((subset) => textAt(subset, 'name') ?? '');
}

function gapsOf(
  rules: DestinationRules,
  route: MeshObject,
  entries: readonly (readonly RouteEntry[])[],
  host: string,
  { client, used }: Usage,
): readonly SubsetGap[] {
  const subsets = destinationsReachedBy(client, entries, route.namespace)
    .filter((destination) => destination.host === host)
    .flatMap(({ subset }) => subset ?? []);
  return [...new Set(subsets)].flatMap((subset) => {
    const defines = (rule: MeshObject) => subsetsOf(rule).includes(subset);
    const defining = rules.forHost(host).find(defines);
    return defining && !used.rules.some(defines) ? [{ route, host, subset, client, used, defining }] : [];
  });
}

function hostsWithSubsets(entries: readonly (readonly RouteEntry[])[]): readonly string[] {
  const destinations = entries.flat().flatMap((entry) => entry.destinations);
  return [...new Set(destinations.flatMap(({ host, subset }) => (subset === undefined ? [] : [host])))];
}

/** Whether there are rules, and their namespaces are known. */
function isPlaced(rules: readonly MeshObject[]): boolean {
  return rules.length > 0 && rules.every(({ namespace }) => namespace !== '');
}

/** The sidecars in which a VirtualService applies, with the rules that they use for a host. */
function sidecars(
  mesh: Mesh,
  rules: DestinationRules,
  route: MeshObject,
  entries: readonly (readonly RouteEntry[])[],
  host: string,
): readonly Usage[] {
  if (!isForSidecars(route)) return [];
  const seen = seenIn(route);
  const matches = entries.flat().flatMap((entry) => entry.matches);
  const namespaces = seen.includes('*')
    ? ['', ...rules.namespacesWithRules(host), ...matches.flatMap((match) => textAt(match, 'sourceNamespace') ?? [])]
    : seen;
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

/** Whether sidecars in a namespace may use another VirtualService, or a route of the Gateway API, instead. */
function hasOtherRoutes(mesh: Mesh, route: MeshObject, namespace: string): boolean {
  const hosts = fullHosts(route);
  const isFor = (other: string) => hosts.some((host) => hostsOverlap(other, host));
  const policies = mesh
    .ofKind('VirtualService')
    .filter((other) => other !== route && isForSidecars(other) && isSeenIn(other, namespace));
  const routes = gatewayApiRoutes(mesh).filter((other) => other.route.namespace === namespace);
  return (
    policies.some((other) => fullHosts(other).some(isFor)) ||
    routes.some(({ parents }) => parents.filter(isService).some((one) => isFor(fullHost(one.name, one.namespace))))
  );
}

/** The pods of the app that serve the gateways of a VirtualService, with the rules that they use for a host. */
function gateways(mesh: Mesh, rules: DestinationRules, route: MeshObject, host: string): readonly Usage[] {
  const named = textsAt(route.spec, 'gateways').map((reference) => fullGatewayName(reference, route.namespace));
  if (named.length === 0) return [];
  return mesh
    .ofKind('Gateway')
    .map(({ namespace, name, spec }) => ({ gateway: `${namespace}/${name}`, selector: fieldsAt(spec, 'selector') }))
    .filter(({ gateway }) => named.includes(gateway))
    .flatMap(({ gateway, selector }) =>
      podsWith(mesh, selector)
        .filter(({ namespace }) => namespace !== '' && isSeenIn(route, namespace))
        .flatMap((pods) => {
          const labels = textFields(pods.labels);
          const sets = rules.usedIn(host, pods.namespace);
          const selected = sets.find((set) => set.selector && hasLabels(labels, set.selector));
          const used = selected ?? sets.find((set) => set.selector === undefined);
          const lacked = selected ? [] : sets.flatMap(({ selector: one }) => (one ? [one] : []));
          const client = { gateway, namespace: pods.namespace, labels, hasAllLabels: true, lacked };
          return used ? [{ used, client }] : [];
        }),
    );
}

function hasLabels(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

function isForSidecars({ spec }: MeshObject): boolean {
  const named = textsAt(spec, 'gateways');
  return named.length === 0 || named.includes(MESH_GATEWAY);
}

function isSeenIn(route: MeshObject, namespace: string): boolean {
  const seen = seenIn(route);
  return seen.includes('*') || seen.includes(namespace);
}

function fullHosts({ spec, namespace }: MeshObject): readonly string[] {
  return textsAt(spec, 'hosts').map((host) => fullHost(host, namespace));
}
