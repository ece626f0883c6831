import { showLabels, type Labels } from '../labels';
import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { fieldsAt } from './spec-fields';

/** Kinds of which Istio uses only one object for the same workloads, with the place of the workload labels. */
const SELECTORS: Readonly<Record<string, (spec: MeshObject['spec']) => unknown>> = {
  PeerAuthentication: (spec) => fieldsAt(spec, 'selector').matchLabels,
  ProxyConfig: (spec) => fieldsAt(spec, 'selector').matchLabels,
  Sidecar: (spec) => fieldsAt(spec, 'workloadSelector').labels,
  Telemetry: (spec) => fieldsAt(spec, 'selector').matchLabels,
};

/** Two objects of a kind that select the same: the whole mesh, a namespace, or workloads with the same labels. */
export function sameSelectionProblems(mesh: Mesh): string[] {
  return Object.entries(SELECTORS).flatMap(([kind, labelsOf]) => {
    const known = new Map<string, MeshObject>();
    return mesh.ofKind(kind).flatMap((object) => {
      const { namespace, spec } = object;
      if (spec.targetRef !== undefined || spec.targetRefs !== undefined) return [];
      const labels = sorted((labelsOf(spec) ?? {}) as Labels);
      const key = JSON.stringify([namespace, labels]);
      const other = known.get(key);
      if (!other) known.set(key, object);
      if (!other || isSame(object, other)) return [];
      const place =
        namespace === mesh.rootNamespace && isEmpty(labels)
          ? 'the mesh'
          : namespace === ''
            ? 'the namespace that both belong to'
            : `namespace '${namespace}'`;
      const what = isEmpty(labels) ? `all of ${place}` : `workload ${showLabels(labels)} of ${place}`;
      return [
        `${titleOf(object)} applies to ${what}, and so does ${titleOf(other)}, but Istio uses only one of them: put both into one`,
      ];
    });
  });
}

function sorted(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isEmpty(labels: Labels): boolean {
  return Object.keys(labels).length === 0;
}
