import { fieldsAt } from '../../mesh/checks/spec-fields';
import type { ManifestObject } from '../manifests/read-manifests';

type Fields = Readonly<Record<string, unknown>>;

/** The parts of a Kubernetes object that the graph needs, from a file or from the API server. */
export type TrafficSource = Pick<ManifestObject, 'apiVersion' | 'kind'> & {
  readonly metadata: Pick<ManifestObject['metadata'], 'name' | 'namespace' | 'labels'>;
  readonly [field: string]: unknown;
};

/** An object with its resolved namespace. */
export interface TrafficObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** For example `VirtualService shop/reviews`. */
  readonly title: string;
  readonly labels: Fields;
  readonly spec: Fields;
  /** The top-level fields. */
  readonly fields: Fields;
}

const ROUTING_GROUP = 'networking.istio.io';
const ROUTING_KINDS: readonly string[] = ['VirtualService', 'DestinationRule', 'Gateway', 'ServiceEntry'];

const DEFAULT_NAMESPACE = 'default';
/** Kinds by API group, since other groups have kinds of the same name. */
const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  [ROUTING_GROUP, [...ROUTING_KINDS, 'WorkloadEntry']],
  ['security.istio.io', ['PeerAuthentication']],
  ['apps', ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']],
  ['argoproj.io', ['Rollout']],
  ['', ['Namespace', 'Service', 'Pod', 'ConfigMap']],
]);
export const WORKLOAD_KINDS = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Rollout',
  'Pod',
  'WorkloadEntry',
];

/** Whether any object defines routing. Otherwise, there is nothing to draw. */
export function hasRouting(sources: readonly TrafficSource[]): boolean {
  return sources.some(({ apiVersion, kind }) => groupOf(apiVersion) === ROUTING_GROUP && ROUTING_KINDS.includes(kind));
}

/** The objects for a graph by kind, without duplicates and sorted by name. */
export class TrafficObjects {
  private readonly kinds = new Map<string, Map<string, TrafficObject>>();

  /** The last of several objects with the same name counts, as when they are applied. */
  constructor(sources: readonly TrafficSource[]) {
    for (const source of sources) {
      const { apiVersion, kind, metadata } = source;
      if (!GROUPS.get(groupOf(apiVersion))?.includes(kind)) continue;
      const { name } = metadata;
      const namespace = kind === 'Namespace' ? '' : metadata.namespace || DEFAULT_NAMESPACE;
      const ofKind = this.kinds.get(kind) ?? new Map<string, TrafficObject>();
      this.kinds.set(kind, ofKind);
      ofKind.set(`${namespace}/${name}`, {
        kind,
        name,
        namespace,
        title: `${kind} ${namespace}/${name}`,
        labels: metadata.labels ?? {},
        spec: fieldsAt(source, 'spec'),
        fields: source,
      });
    }
  }

  ofKind(kind: string): readonly TrafficObject[] {
    return [...(this.kinds.get(kind)?.values() ?? [])].sort((one, other) => (one.title < other.title ? -1 : 1));
  }

  find(kind: string, namespace: string, name: string): TrafficObject | undefined {
    return this.kinds.get(kind)?.get(`${namespace}/${name}`);
  }
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.replace(/\/.*/, '') : '';
}
