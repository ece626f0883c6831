import { createHash } from 'node:crypto';
import { ApiObject, DependencyGraph, type Chart, type DependencyVertex } from 'cdk8s';

/** A Kubernetes object as the chart synthesizes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** One object of a chart, and the objects that must be applied before it. */
export interface ChartObject {
  /** Unique within the chart, and the same as long as the object keeps its kind, namespace and name. */
  readonly id: string;
  readonly manifest: Manifest;
  readonly dependencies: readonly string[];
}

/** The chart's objects, each after those it depends on, by the dependencies that cdk8s knows. */
export function chartObjects(chart: Chart): readonly ChartObject[] {
  const graph = new DependencyGraph(chart.node);
  const vertices = new Map<unknown, DependencyVertex>();
  const visit = (vertex: DependencyVertex) => {
    for (const child of vertex.outbound) {
      if (!vertices.has(child.value)) {
        vertices.set(child.value, child);
        visit(child);
      }
    }
  };
  visit(graph.root);
  const seen = new Set<string>();
  return graph
    .topology()
    .filter((construct): construct is ApiObject => construct instanceof ApiObject)
    .map((object) => {
      const manifest = object.toJson() as Manifest;
      const id = idOf(manifest);
      if (seen.has(id)) {
        throw new Error(
          `${object.node.path}: the chart has two objects ${id}; give one of them another name or namespace.`,
        );
      }
      seen.add(id);
      return { id, manifest, dependencies: dependenciesOf(vertices.get(object)) };
    });
}

/** The nearest ApiObjects below a vertex: constructs that are none stand for what they depend on. */
function dependenciesOf(vertex: DependencyVertex | undefined): readonly string[] {
  const found = new Set<string>();
  const visited = new Set<DependencyVertex>();
  const visit = (from: DependencyVertex | undefined) => {
    for (const child of from?.outbound ?? []) {
      if (visited.has(child)) {
        continue;
      }
      visited.add(child);
      if (child.value instanceof ApiObject) {
        found.add(idOf(child.value.toJson() as Manifest));
      } else {
        visit(child);
      }
    }
  };
  visit(vertex);
  return [...found];
}

function idOf({ kind, metadata: { namespace, name } }: Manifest): string {
  return [kind, namespace, name].filter(Boolean).join('/');
}

/** The group of an object's API; empty for the core group. */
export function apiGroup({ apiVersion }: Manifest): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

export function isIstioResource(manifest: Manifest): boolean {
  return /(^|\.)istio\.io$/.test(apiGroup(manifest));
}

/** A text that is the same for the same objects. */
export function fingerprintOf(objects: readonly ChartObject[]): string {
  const manifests = [...objects].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ manifest }) => manifest);
  return createHash('sha256').update(JSON.stringify(manifests)).digest('hex');
}
