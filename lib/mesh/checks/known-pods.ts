import type { ApiObject } from 'cdk8s';
import type { Mesh } from './mesh';
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
}

/** Kinds whose pods can serve a gateway. */
const WORKLOADS = ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Rollout', 'Pod'];

/** The pods of the app with all labels of a selector. An empty selector selects none. */
export function podsWith(mesh: Mesh, selector: Readonly<Record<string, unknown>>): readonly KnownPods[] {
  const wanted = Object.entries(selector);
  if (wanted.length === 0) return [];
  return knownPods(mesh).filter(({ labels }) => wanted.every(([key, value]) => labels[key] === value));
}

// Rendering every workload for each question would take too long.
const read = new WeakMap<Mesh, readonly KnownPods[]>();

/** The pods that workloads of the app make. */
export function knownPods(mesh: Mesh): readonly KnownPods[] {
  const known = read.get(mesh);
  if (known) return known;
  const pods = mesh.objects
    .filter(({ kind }) => WORKLOADS.includes(kind))
    .map((object) => {
      const template = podTemplate(object);
      const metadata = fieldsAt(template, 'metadata');
      return {
        object,
        namespace: object.metadata.namespace ?? '',
        labels: fieldsAt(metadata, 'labels'),
        annotations: fieldsAt(metadata, 'annotations'),
        awaitsImage: listAt(fieldsAt(template, 'spec'), 'containers').some(({ image }) => image === 'auto'),
      };
    });
  read.set(mesh, pods);
  return pods;
}

function podTemplate(object: ApiObject): Readonly<Record<string, unknown>> {
  const manifest = object.toJson() as Readonly<Record<string, unknown>>;
  return object.kind === 'Pod' ? manifest : fieldsAt(fieldsAt(manifest, 'spec'), 'template');
}
