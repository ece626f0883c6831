import { DestinationRules } from './destination-rules';
import { showLabels } from '../labels';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { destinationsOf } from './routed-destinations';
import { subsetGaps, subsetsOf, type SubsetGap } from './subset-gaps';
import { MESH_GATEWAY } from '../traffic/gateway-name';

/**
 * Destinations with a subset that the app's DestinationRules for the host do not define, or at least not those that
 * some of the clients use. Hosts without a DestinationRule in the app are not checked.
 */
export function undefinedSubsetProblems(mesh: Mesh): string[] {
  const rules = new DestinationRules(mesh);
  const gaps = subsetGaps(mesh, rules);
  const unseen = gaps.filter((gap) => !isReplaced(gap) && gap.client.gateway !== MESH_GATEWAY);
  return [
    ...mesh.ofKind('VirtualService').flatMap((route) => undefinedProblems(rules, route)),
    ...sentences(gaps.filter(isReplaced), replacedProblem),
    ...sentences(unseen, (gap, subsets) => unseenProblem(rules, gap, subsets)),
  ];
}

/** Destinations with a subset of a DestinationRule that some of the sidecars with the route do not use. */
export function unseenSubsetWarnings(mesh: Mesh): string[] {
  const rules = new DestinationRules(mesh);
  const gaps = subsetGaps(mesh, rules);
  const unseen = gaps.filter((gap) => !isReplaced(gap) && gap.client.gateway === MESH_GATEWAY);
  return sentences(unseen, (gap, subsets) => unseenWarning(rules, gap, subsets));
}

function undefinedProblems(rules: DestinationRules, route: MeshObject): string[] {
  const found = destinationsOf(route).flatMap(({ host, subset }) => {
    const known = rules.forHost(host);
    if (subset === undefined || known.length === 0 || known.some((rule) => subsetsOf(rule).includes(subset))) return [];
    return [
      `${titleOf(route)} names subset '${subset}' of host '${host}', but ${known.map(titleOf).join(' and ')} ${definition(known)}: define it there, or write another`,
    ];
  });
  return [...new Set(found)];
}

/** Whether the clients use rules over which no rule outside of the app takes precedence. */
function isReplaced({ used }: SubsetGap): boolean {
  return used.isCertain && used.rules.length > 0;
}

function replacedProblem({ route, host, client, used, defining }: SubsetGap, subsets: string): string {
  const { rules } = used;
  return `${titleOf(route)} names ${subsets} of host '${host}', but ${rules.map(titleOf).join(' and ')}, which ${rules.length > 1 ? 'apply' : 'applies'} to ${described(client)} instead of ${titleOf(defining)}, ${definition(rules)}: define the same subsets there`;
}

function unseenProblem(rules: DestinationRules, gap: SubsetGap, subsets: string): string {
  const { host, client, defining } = gap;
  const problem = unseenSentence(gap, subsets);
  if (client.lacked.length > 0) return `${problem}: define the same subsets there without a workloadSelector`;
  if (defining.spec.workloadSelector !== undefined) return `${problem}: leave out its workloadSelector`;
  return rules.appliesElsewhere(defining, host)
    ? `${problem}: add '${client.namespace}' to its exportTo`
    : `${problem}: put it into namespace '${homeOf(rules, host)}', that of the host`;
}

function unseenWarning(rules: DestinationRules, gap: SubsetGap, subsets: string): string {
  const { host, client, defining } = gap;
  const problem = unseenSentence(gap, subsets);
  if (client.lacked.length > 0) {
    return `${problem}: define the same subsets there without a workloadSelector, or let the VirtualService only apply to the same clients`;
  }
  if (defining.spec.workloadSelector !== undefined) {
    return `${problem}: leave out its workloadSelector, or export the VirtualService to '${defining.namespace}' only`;
  }
  return rules.appliesElsewhere(defining, host)
    ? `${problem}: make the exportTo of both the same`
    : `${problem}: put it into namespace '${homeOf(rules, host)}', that of the host, or export the VirtualService to '${defining.namespace}' only`;
}

function unseenSentence({ route, host, client, defining }: SubsetGap, subsets: string): string {
  return `${titleOf(route)} names ${subsets} of host '${host}', but ${titleOf(defining)} does not apply to ${described(client)}`;
}

const homeOf = (rules: DestinationRules, host: string): string => rules.homesOf(host)[0] ?? '';

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

/** A sentence for the gaps that differ only in the subset. */
function sentences(gaps: readonly SubsetGap[], say: (gap: SubsetGap, subsets: string) => string): string[] {
  const groups = new Map<string, SubsetGap[]>();
  for (const gap of gaps) {
    const key = say(gap, '');
    groups.set(key, [...(groups.get(key) ?? []), gap]);
  }
  return [...groups.values()].flatMap((group) => {
    const names = [...new Set(group.map(({ subset }) => `'${subset}'`))];
    const [first] = group;
    return first ? [say(first, `${names.length > 1 ? 'subsets' : 'subset'} ${names.join(', ')}`)] : [];
  });
}
