import type { GraphEdge, GraphNode, TrafficGraph } from './graph-model';
import { isEntry } from './is-entry';

export interface PartNode {
  readonly node: GraphNode;
  /** What the part alone does not show: where the node belongs, or which other namespaces have routes to it. */
  readonly notes: readonly string[];
}

/** What is drawn in one box. */
export interface GraphPart {
  /** Its name; undefined for what is outside of the mesh. */
  readonly namespace: string | undefined;
  readonly nodes: readonly PartNode[];
  readonly edges: readonly GraphEdge[];
}

interface Connection {
  readonly edge: GraphEdge;
  readonly from: GraphNode;
  readonly to: GraphNode;
  /** In which namespace it is drawn: of its rule, or of what an entry leads to. */
  readonly home: string | undefined;
}

/**
 * Divides a graph by namespaces, so that no line has to cross a namespace that has nothing to do with it. Each edge is in
 * one part. Each node is in the part of its namespace and in all others that have an edge of it, entries and what is
 * outside of the mesh only in the latter, if there is one.
 */
export function graphParts({ namespaces, nodes, edges }: TrafficGraph): readonly GraphPart[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const connections = edges.flatMap((edge): Connection[] => {
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
    return from && to ? [{ edge, from, to, home: (isEntry(from) ? to : from).namespace }] : [];
  });
  const connected = new Set(connections.flatMap(({ from, to }) => [from, to]));
  const isAtHome = (node: GraphNode) => !connected.has(node) || (node.namespace !== undefined && !isEntry(node));
  return [...namespaces.map(({ name }) => name), undefined].flatMap((namespace): GraphPart[] => {
    const own = connections.filter(({ home }) => home === namespace);
    const ends = new Set(own.flatMap(({ from, to }) => [from, to]));
    const drawn = nodes.filter((node) => ends.has(node) || (node.namespace === namespace && isAtHome(node)));
    if (drawn.length === 0) return [];
    const partNodes = drawn.map((node) => ({ node, notes: notesOf(node, namespace, connections) }));
    return [{ namespace, nodes: partNodes, edges: own.map(({ edge }) => edge) }];
  });
}

function notesOf(
  node: GraphNode,
  namespace: string | undefined,
  connections: readonly Connection[],
): readonly string[] {
  if (node.namespace === undefined || isEntry(node)) return [];
  if (node.namespace !== namespace) return [`namespace ${node.namespace}`];
  const others = new Set(
    connections.flatMap(({ to, home }) => (to === node && home !== undefined && home !== namespace ? [home] : [])),
  );
  return others.size === 0 ? [] : [`requests from ${[...others].sort().join(', ')}`];
}
