import { destinationRules } from './destination-rules';
import { showLabels } from '../labels';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { destinationsOf } from './routed-destinations';
import { serviceOf } from './routed-services';
import { serviceEntriesFor } from './service-entries';
import { subsetGaps, subsetsOf, type SubsetGap } from './subset-gaps';
import { MESH_GATEWAY } from '../traffic/gateway-name';

/**
 * Destinations with a subset that none of the app's DestinationRules for the host define, or that some clients lack
 * because they use other rules. Hosts without a DestinationRule in the app are not checked.
 */
export function undefinedSubsetProblems(mesh: Mesh): string[] {
  return [
    ...mesh.ofKind('VirtualService').flatMap((route) => undefinedProblems(mesh, route)),
    ...sentences(mesh, (gap) => isCertain(mesh, gap)),
  ];
}

/**
 * Destinations with a subset that some of the clients may lack: it is not certain that these clients send requests to
 * it, or that they use only the rules of the app.
 */
export function unseenSubsetWarnings(mesh: Mesh): string[] {
  return sentences(mesh, (gap) => !isCertain(mesh, gap));
}

function undefinedProblems(mesh: Mesh, route: MeshObject): string[] {
  const rules = destinationRules(mesh);
  const found = destinationsOf(route).flatMap(({ host, subset }) => {
    if (subset === undefined) return [];
    const known = rules.forHost(host);
    if (known.length === 0 || known.some((rule) => subsetsOf(rule).includes(subset))) return [];
    return [
      `${titleOf(route)} names subset '${subset}' of host '${host}', but ${known.map(titleOf).join(' and ')} ${definition(known)}: define it there, or write another`,
    ];
  });
  return [...new Set(found)];
}

/** Whether the clients of a gap certainly send requests, and certainly use the rules of the app. */
function isCertain(mesh: Mesh, gap: SubsetGap): boolean {
  const { host, client, used } = gap;
  // The rules of the root namespace apply to all clients that have no others.
  if (mesh.rootNamespace === undefined) return false;
  if (client.gateway !== MESH_GATEWAY) {
    return isExact(mesh, gap) || serviceOf(mesh, host) !== undefined || serviceEntriesFor(mesh, host).length > 0;
  }
  // A namespace with its own rules for the host of another namespace certainly has clients. Rules in the namespace of
  // the host prove nothing, because clients everywhere use them.
  const isForThem = used.selector !== undefined || !destinationRules(mesh).homesOf(host).includes(client.namespace);
  return isForThem && client.lacked.length === 0 && isOwn(gap) && isExact(mesh, gap);
}

/** Whether the clients use rules for exactly the host. */
function isExact(mesh: Mesh, { host, used }: SubsetGap): boolean {
  const exact = destinationRules(mesh).forHost(host);
  return used.rules.length > 0 && used.rules.every((rule) => exact.includes(rule));
}

/** Whether the clients use rules of their own namespace. */
function isOwn({ client, used }: SubsetGap): boolean {
  return used.rules.length > 0 && used.rules.every(({ namespace }) => namespace === client.namespace);
}

/** A sentence for all gaps that differ only in the subset. */
function sentences(mesh: Mesh, isMeant: (gap: SubsetGap) => boolean): string[] {
  const groups = new Map<string, { readonly gap: SubsetGap; readonly subsets: Set<string> }>();
  for (const gap of subsetGaps(mesh).filter(isMeant)) {
    const key = sentence(mesh, gap, '');
    const group = groups.get(key) ?? { gap, subsets: new Set<string>() };
    group.subsets.add(`'${gap.subset}'`);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ gap, subsets }) =>
    sentence(mesh, gap, `${subsets.size > 1 ? 'subsets' : 'subset'} ${[...subsets].join(', ')}`),
  );
}

function sentence(mesh: Mesh, gap: SubsetGap, subsets: string): string {
  const { route, host, client, used, defining } = gap;
  const start = `${titleOf(route)} names ${subsets} of host '${host}', but`;
  const exact = isExact(mesh, gap);
  if (!exact && !isOwn(gap)) {
    return `${start} ${titleOf(defining)} does not apply to ${described(client)}: ${remedy(mesh, gap)}`;
  }
  const { rules } = used;
  const replaced = `${start} ${rules.map(titleOf).join(' and ')}, which ${rules.length > 1 ? 'apply' : 'applies'} to ${described(client)} instead of ${titleOf(defining)}, ${definition(rules)}`;
  if (exact) return `${replaced}: define the same subsets there`;
  const other = client.gateway === MESH_GATEWAY ? ', or export the VirtualService only to other namespaces' : '';
  return `${replaced}: add a DestinationRule for exactly this host with the same subsets to namespace '${client.namespace}'${other}`;
}

/** What to do if clients use no rules, or only a wildcard of another namespace, instead of the rule with the subset. */
function remedy(mesh: Mesh, { host, client, defining }: SubsetGap): string {
  const rules = destinationRules(mesh);
  const isGateway = client.gateway !== MESH_GATEWAY;
  const narrower = isGateway ? '' : `, or export the VirtualService to '${defining.namespace}' only`;
  if (client.lacked.length > 0) {
    const matched = isGateway
      ? ''
      : ', or match the labels of the existing workloadSelector as sourceLabels in each route to these subsets';
    return `define the same subsets there in a DestinationRule without a workloadSelector${matched}`;
  }
  if (defining.spec.workloadSelector !== undefined) return `leave out its workloadSelector${narrower}`;
  if (!rules.appliesElsewhere(defining, host)) {
    return `put it into namespace '${rules.homesOf(host)[0] ?? ''}', that of the host${narrower}`;
  }
  return isGateway
    ? `add '${client.namespace}' to its exportTo`
    : 'give the VirtualService and the DestinationRule the same exportTo';
}

/** What rules define, as a verb with its object. */
function definition(rules: readonly MeshObject[]): string {
  const names = [...new Set(rules.flatMap(subsetsOf))];
  return `${rules.length > 1 ? 'define' : 'defines'} ${names.length > 0 ? `only '${names.join("', '")}'` : 'none'}`;
}

function described({ gateway, namespace, labels, lacked }: SubsetGap['client']): string {
  if (gateway !== MESH_GATEWAY) return `gateway '${gateway}' in namespace '${namespace}'`;
  if (namespace === '') return 'clients in other namespaces';
  const clients = lacked.length > 0 ? 'other clients' : 'clients';
  const selected = Object.keys(labels).length > 0 ? ` with the labels ${showLabels(labels)}` : '';
  return `${clients} in namespace '${namespace}'${selected}`;
}
