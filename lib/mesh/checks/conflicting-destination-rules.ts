import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { fullHost } from '../host-matching';
import { listAt, textAt, textsAt } from './spec-fields';

/**
 * Two DestinationRules of one namespace for one host. Istio puts them together: of two traffic policies, and of two
 * subsets with one name, it drops one.
 */
export function conflictingDestinationRuleProblems(mesh: Mesh): string[] {
  const known = new Map<string, MeshObject[]>();
  return mesh.ofKind('DestinationRule').flatMap((rule) => {
    const { namespace, spec } = rule;
    const host = textAt(spec, 'host');
    if (host === undefined || spec.workloadSelector !== undefined) return [];
    const exported = [...textsAt(spec, 'exportTo')].sort().join();
    const resolved = fullHost(host, namespace);
    const key = `${namespace} ${resolved} ${exported}`;
    const others = known.get(key) ?? [];
    known.set(key, [...others, rule]);
    return others
      .filter((other) => !isSame(other, rule))
      .flatMap((other) =>
        clashes(rule, other).map(
          (clash) =>
            `${titleOf(rule)} has ${clash} for host '${resolved}', as ${titleOf(other)} does, and Istio drops one of them: put both into one`,
        ),
      );
  });
}

function clashes({ spec }: MeshObject, other: MeshObject): string[] {
  const names = new Set(listAt(other.spec, 'subsets').map((subset) => textAt(subset, 'name')));
  const shared = listAt(spec, 'subsets').flatMap((subset) => textAt(subset, 'name') ?? []);
  return [
    ...(spec.trafficPolicy !== undefined && other.spec.trafficPolicy !== undefined ? ['a trafficPolicy'] : []),
    ...shared.filter((name) => names.has(name)).map((name) => `subset '${name}'`),
  ];
}
