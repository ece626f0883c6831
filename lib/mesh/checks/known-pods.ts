import type { ApiObject } from 'cdk8s';
import { groupBy } from '../../group-by';
import { hasLabels } from '../labels';
import type { Mesh } from './mesh';
import { perMesh } from './per-mesh';
import { fieldsAt, listAt } from './spec-fields';

/** Pods that a workload of the app makes. */
export interface KnownPods {
  /** The workload. */
  readonly object: ApiObject;

  /** Namespace of the pods; empty if the workload has none, so that kubectl decides. */
  readonly namespace: string;

  readonly labels: Readonly<Record<string, unknown>>;

  readonly annotations: Readonly<Record<string, unknown>>;

  /** Whether the injector sets the image of a container (`image: auto`), as for gateways. */
  readonly awaitsImage: boolean;

  /** Whether the pods get a sidecar where injection is enabled. Gateways have a proxy, but no sidecar. */
  readonly hasSidecar: boolean;
}

/** Kinds whose pods the checks read: those that serve requests. */
export const WORKLOADS: readonly string[] = ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Rollout', 'Pod'];

/** The title of the workload of pods in messages. */
export function workloadTitle({ object: { kind, name, node }, namespace }: KnownPods): string {
  return `${kind} ${namespace}/${name} (${node.path})`;
}

/** The pods of the app with all labels of a selector, in one namespace or in any. An empty selector selects none. */
export function podsWith(
  mesh: Mesh,
  selector: Readonly<Record<string, unknown>>,
  namespace?: string,
): readonly KnownPods[] {
  const [fewest] = Object.entries(selector)
    .map((label) => podsByLabel(mesh).get(placeOf(label, namespace)) ?? [])
    .sort((one, other) => one.length - other.length);
  return (fewest ?? []).filter(({ labels }) => hasLabels(labels, selector));
}

/**
 * The pods of the app behind a Service of the app; undefined if the Service has no selector, because its endpoints are
 * then set separately.
 */
export function podsBehind(mesh: Mesh, service: ApiObject): readonly KnownPods[] | undefined {
  const { spec = {} } = service.toJson() as { readonly spec?: Readonly<Record<string, unknown>> };
  const selector = fieldsAt(spec, 'selector');
  return Object.keys(selector).length === 0 ? undefined : podsWith(mesh, selector, service.metadata.namespace ?? '');
}

/** The pods of the app in a namespace. */
export function podsIn(mesh: Mesh, namespace: string): readonly KnownPods[] {
  return podsByNamespace(mesh).get(namespace) ?? [];
}

/** The pods that workloads of the app make. */
export const knownPods = perMesh((mesh): readonly KnownPods[] =>
  mesh.objects
    .filter(({ kind }) => WORKLOADS.includes(kind))
    .map((object) => {
      const template = podTemplate(object);
      const [metadata, spec] = [fieldsAt(template, 'metadata'), fieldsAt(template, 'spec')];
      const [labels, annotations] = [fieldsAt(metadata, 'labels'), fieldsAt(metadata, 'annotations')];
      const awaitsImage = listAt(spec, 'containers').some(({ image }) => image === 'auto');
      const isLeftOut = spec.hostNetwork === true || (labels[INJECT] ?? annotations[INJECT]) === 'false';
      return {
        object,
        namespace: object.metadata.namespace ?? '',
        labels,
        annotations,
        awaitsImage,
        hasSidecar: !awaitsImage && !isLeftOut,
      };
    }),
);

/** The label, and otherwise the annotation, that decides whether a pod gets a sidecar. */
const INJECT = 'sidecar.istio.io/inject';

const podsByNamespace = perMesh((mesh) => groupBy(knownPods(mesh), ({ namespace }) => namespace));

/** The pods by each of their labels, in any namespace and in their own. */
const podsByLabel = perMesh((mesh): ReadonlyMap<string, readonly KnownPods[]> => {
  const labelled = knownPods(mesh).flatMap((pods) =>
    Object.entries(pods.labels).flatMap((label) =>
      [undefined, pods.namespace].map((namespace) => ({ pods, place: placeOf(label, namespace) })),
    ),
  );
  const groups = [...groupBy(labelled, ({ place }) => place)];
  return new Map(groups.map(([place, group]) => [place, group.map(({ pods }) => pods)]));
});

function placeOf(label: readonly [string, unknown], namespace: string | undefined): string {
  return JSON.stringify([...label, namespace]);
}

function podTemplate(object: ApiObject): Readonly<Record<string, unknown>> {
  const manifest = object.toJson() as Readonly<Record<string, unknown>>;
  return object.kind === 'Pod' ? manifest : fieldsAt(fieldsAt(manifest, 'spec'), 'template');
}
