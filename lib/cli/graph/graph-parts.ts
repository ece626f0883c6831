import type { GraphEdge, GraphNode, TrafficGraph } from './graph-model';
import { isEntry } from './is-entry';

export interface PartNode {
  readonly node: GraphNode;
  /** What the part alone does not show: where the node belongs, or which other namespaces have routes to it. */
  readonly notes: readonly string[];
}

/** The content of one box of the drawing. */
export interface GraphPart {
  /** Its name; undefined for what is outside the mesh. */
  readonly namespace: string | undefined;
  readonly nodes: readonly PartNode[];
  readonly edges: readonly GraphEdge[];
}

interface Connection {
  readonly edge: GraphEdge;
  readonly from: GraphNode;
  readonly to: GraphNode;
  /** The namespace in which it is drawn: that of its rule or, for an edge from an entry, that of its destination. */
  readonly home: string | undefined;
}

/**
 * Divides a graph by namespace, so that no line crosses an unrelated namespace. Each edge is in one part. Each node is
 * in the part of its namespace, and in all parts with one of its edges. Entries and nodes outside the mesh are an
 * exception: if such a node has edges, it is only in the parts with these edges.
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
