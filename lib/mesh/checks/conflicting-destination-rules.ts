import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { fullHost } from '../host-matching';
import { listAt, textAt, textsAt } from './spec-fields';

/**
 * Two DestinationRules in one namespace for the same host. Istio merges them, and drops one of two traffic policies and
 * one of two subsets with the same name.
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
            `${titleOf(rule)} has ${clash} for host '${resolved}', and so does ${titleOf(other)}, but Istio drops one of them: put both into one DestinationRule`,
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
