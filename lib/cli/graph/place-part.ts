import { Elk, type ElkExtendedEdge, type ElkNode, type ElkPoint, type ElkPort } from '../../bundled-libraries/elk';
import { heightOf, labelLines, nodeLines, widthOf, type DrawnLine } from './drawn-lines';
import type { GraphEdge, GraphNode } from './graph-model';
import type { GraphPart } from './graph-parts';
import { isEntry } from './is-entry';

export interface Rectangle {
  /** Of the upper left corner, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedNode extends Rectangle {
  readonly node: GraphNode;
  readonly lines: readonly DrawnLine[];
}

export interface PlacedEdge {
  readonly edge: GraphEdge;
  /** Where it begins, bends and ends. */
  readonly points: readonly ElkPoint[];
  /** The place of its text above the line; undefined without text. */
  readonly label?: Rectangle;
  readonly lines: readonly DrawnLine[];
}

/** A part with a place for everything. */
export interface PlacedPart {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/** https://eclipse.dev/elk/reference/options.html */
const OPTIONS: Readonly<Record<string, string>> = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.separateConnectedComponents': 'false',
  'elk.partitioning.activate': 'true',
  'elk.layered.layering.strategy': 'LONGEST_PATH_SOURCE',
  // Names stay in alphabetical order where that makes no lines cross.
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.edgeLabels.sideSelection': 'ALWAYS_UP',
  'elk.layered.edgeLabels.centerLabelPlacementStrategy': 'TAIL_LAYER',
  'elk.padding': '[left=0,top=0,right=0,bottom=0]',
  'elk.spacing.nodeNode': '14',
  'elk.spacing.edgeNode': '8',
  'elk.spacing.edgeLabel': '1',
  'elk.layered.spacing.nodeNodeBetweenLayers': '20',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '8',
};
const PADDING = 12;
const LEAST_HEIGHT = 34;
const PORT_GAP = 12;

/** Places nodes in layers from left to right, and routes lines around them. */
export async function placePart(part: GraphPart): Promise<PlacedPart> {
  const ports = new Ports();
  const edges = part.edges.map((edge, index) => {
    const lines = labelLines(edge);
    return { edge, lines, elk: elkEdge(edge, String(index), lines, ports) };
  });
  const targets = new Set(part.edges.map(({ to }) => to));
  const nodes = part.nodes.map((partNode) => {
    const lines = nodeLines(partNode);
    return { node: partNode.node, lines, elk: elkNode(partNode.node, lines, ports, targets) };
  });
  const graph: ElkNode = {
    id: 'part',
    layoutOptions: OPTIONS,
    children: nodes.map(({ elk }) => elk),
    edges: edges.map(({ elk }) => elk),
  };
  const placed = await new Elk().layout(graph);
  return {
    width: placed.width ?? 0,
    height: placed.height ?? 0,
    nodes: nodes.map(({ node, lines }, index) => ({ node, lines, ...rectangleOf(placed.children?.[index]) })),
    edges: edges.map(({ edge, lines }, index) => {
      const { sections = [], labels = [] }: Partial<ElkExtendedEdge> = placed.edges?.[index] ?? {};
      return {
        edge,
        lines,
        points: sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]),
        ...(lines.length === 0 ? {} : { label: rectangleOf(labels[0]) }),
      };
    }),
  };
}

/** The places at nodes where edges begin and end, in their order from top to bottom. */
class Ports {
  private readonly sides = { WEST: new Map<string, string[]>(), EAST: new Map<string, string[]>() };

  add(node: string, side: 'WEST' | 'EAST', id: string): string {
    const ids = this.sides[side].get(node) ?? [];
    this.sides[side].set(node, ids);
    if (!ids.includes(id)) ids.push(id);
    return id;
  }

  of(node: string): readonly ElkPort[] {
    return (['WEST', 'EAST'] as const).flatMap((side) =>
      (this.sides[side].get(node) ?? []).map((id, index) => ({
        id,
        width: 0,
        height: 0,
        // Ports are counted clockwise.
        layoutOptions: { 'elk.port.side': side, 'elk.port.index': String(side === 'EAST' ? index : -index) },
      })),
    );
  }

  mostOnASide(node: string): number {
    return Math.max(...Object.values(this.sides).map((side) => side.get(node)?.length ?? 0));
  }
}

function elkEdge(edge: GraphEdge, id: string, lines: readonly DrawnLine[], ports: Ports): ElkExtendedEdge {
  // Many lines leave an entry. Those without text start as one line, which forks.
  const start = edge.kind === 'entry' && lines.length === 0 ? `from ${edge.from}` : `start ${id}`;
  return {
    id: `edge ${id}`,
    sources: [ports.add(edge.from, 'EAST', start)],
    targets: [ports.add(edge.to, 'WEST', `end ${id}`)],
    labels: lines.length === 0 ? [] : [{ id: `label ${id}`, width: widthOf(lines), height: heightOf(lines), text: id }],
  };
}

function elkNode(node: GraphNode, lines: readonly DrawnLine[], ports: Ports, targets: ReadonlySet<string>): ElkNode {
  const hasRules = node.kind === 'host' || node.kind === 'delegate';
  const isLast = !isEntry(node) && !hasRules && !targets.has(node.id);
  return {
    id: `node ${node.id}`,
    width: widthOf(lines) + 2 * PADDING,
    height: Math.max(LEAST_HEIGHT, heightOf(lines) + 2 * PADDING, PORT_GAP * (ports.mostOnASide(node.id) + 1)),
    ports: [...ports.of(node.id)],
    layoutOptions: {
      'elk.partitioning.partition': isEntry(node) ? '0' : '1',
      // Rules keep their order, because the first matching rule applies.
      'elk.portConstraints': hasRules ? 'FIXED_ORDER' : 'FIXED_SIDE',
      ...(isLast ? { 'elk.layered.layering.layerConstraint': 'LAST' } : {}),
    },
  };
}

function rectangleOf(shape: Partial<Rectangle> = {}): Rectangle {
  const { x = 0, y = 0, width = 0, height = 0 } = shape;
  return { x, y, width, height };
}
