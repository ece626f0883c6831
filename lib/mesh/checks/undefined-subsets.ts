import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { fullHost } from '../host-matching';
import { fieldsAt, listAt, textAt } from './spec-fields';

interface HostRules {
  readonly rules: MeshObject[];
  readonly subsets: Set<string>;
}

/**
 * Destinations with a subset that the app's DestinationRules for the host do not define. Hosts without a
 * DestinationRule in the app are not checked.
 */
export function undefinedSubsetProblems(mesh: Mesh): string[] {
  const hosts = new Map<string, HostRules>();
  for (const rule of mesh.ofKind('DestinationRule')) {
    const host = fullHost(textAt(rule.spec, 'host') ?? '', rule.namespace);
    const known = hosts.get(host) ?? { rules: [], subsets: new Set() };
    hosts.set(host, known);
    known.rules.push(rule);
    for (const subset of listAt(rule.spec, 'subsets')) known.subsets.add(textAt(subset, 'name') ?? '');
  }
  const found: string[] = [];
  for (const route of mesh.ofKind('VirtualService')) {
    const told = new Set<string>();
    for (const destination of destinationsOf(route)) {
      const subset = textAt(destination, 'subset');
      if (subset === undefined) continue;
      const host = fullHost(textAt(destination, 'host') ?? '', route.namespace);
      const known = hosts.get(host);
      if (!known || known.subsets.has(subset) || told.has(`${subset} ${host}`)) continue;
      told.add(`${subset} ${host}`);
      const defined = known.subsets.size > 0 ? `only '${[...known.subsets].join("', '")}'` : 'none';
      const verb = known.rules.length > 1 ? 'define' : 'defines';
      found.push(
        `${titleOf(route)} names subset '${subset}' of host '${host}', but ${known.rules.map(titleOf).join(' and ')} ${verb} ${defined}: define it there, or write another`,
      );
    }
  }
  return found;
}

function destinationsOf({ spec }: MeshObject): MeshObject['spec'][] {
  const found: MeshObject['spec'][] = [];
  for (const protocol of ['http', 'tcp', 'tls']) {
    for (const route of listAt(spec, protocol)) {
      for (const weighted of listAt(route, 'route')) found.push(fieldsAt(weighted, 'destination'));
      for (const mirror of listAt(route, 'mirrors')) found.push(fieldsAt(mirror, 'destination'));
      if (route.mirror !== undefined) found.push(fieldsAt(route, 'mirror'));
    }
  }
  return found;
}
