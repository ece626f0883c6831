import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { resolvedHost } from './resolved-host';
import { fieldsAt, listAt, textAt } from './spec-fields';

interface HostRules {
  readonly rules: MeshObject[];
  readonly subsets: Set<string>;
}

/** Destinations that name a subset which none of the app's DestinationRules for the host has, where there are any. */
export function undefinedSubsetProblems(mesh: Mesh): string[] {
  const hosts = new Map<string, HostRules>();
  for (const rule of mesh.ofKind('DestinationRule')) {
    const host = resolvedHost(textAt(rule.spec, 'host') ?? '', rule.namespace);
    const known = hosts.get(host) ?? { rules: [], subsets: new Set() };
    hosts.set(host, known);
    known.rules.push(rule);
    for (const subset of listAt(rule.spec, 'subsets')) known.subsets.add(textAt(subset, 'name') ?? '');
  }
  return mesh.ofKind('VirtualService').flatMap((route) => {
    const told = new Set<string>();
    return destinationsOf(route).flatMap((destination) => {
      const subset = textAt(destination, 'subset');
      if (subset === undefined) return [];
      const host = resolvedHost(textAt(destination, 'host') ?? '', route.namespace);
      const known = hosts.get(host);
      if (!known || known.subsets.has(subset) || told.has(`${subset} ${host}`)) return [];
      told.add(`${subset} ${host}`);
      const defined = known.subsets.size > 0 ? `only '${[...known.subsets].join("', '")}'` : 'none';
      return [
        `${titleOf(route)} names subset '${subset}' of host '${host}', of which ${known.rules.map(titleOf).join(' and ')} defines ${defined}: define it there, or write another`,
      ];
    });
  });
}

function destinationsOf({ spec }: MeshObject): MeshObject['spec'][] {
  const http = listAt(spec, 'http');
  return [
    ...[...http, ...listAt(spec, 'tcp'), ...listAt(spec, 'tls')]
      .flatMap((route) => listAt(route, 'route'))
      .map((weighted) => fieldsAt(weighted, 'destination')),
    ...http.flatMap((route) => listAt(route, 'mirrors')).map((mirror) => fieldsAt(mirror, 'destination')),
    ...http.map((route) => fieldsAt(route, 'mirror')),
  ];
}
