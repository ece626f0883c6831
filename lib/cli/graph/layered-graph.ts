import { edgeLines, type EdgeLine } from './edge-lines';
import type { GraphEdge, GraphNode, NodeKind, TrafficGraph } from './graph-model';
import { textWidth, wrapText } from './text-lines';

/** A line of text in the drawing. */
export interface DrawnLine {
  readonly text: string;
  readonly tone: 'title' | EdgeLine['tone'];
}

/** An element of a column: a node, or an edge that passes through. */
export interface Item {
  readonly node?: GraphNode;
  readonly column: number;
  /** The box that contains it; undefined in the column of entries, which has no boxes. */
  readonly band: string | undefined;
  /** Items of a group stay together. Also the sort key if nothing else determines the order. */
  readonly group: string;
  readonly id: string;
  readonly lines: readonly DrawnLine[];
  readonly width: number;
  height: number;
  /** From top to bottom. */
  readonly out: Segment[];
  readonly in: Segment[];
}

/** The part of an edge between two adjacent columns. */
export interface Segment {
  readonly edge: LayeredEdge;
  readonly from: Item;
  readonly to: Item;
  /** The height that the segment needs at its start. */
  readonly slot: number;
}

export interface LayeredEdge {
  readonly edge: GraphEdge;
  readonly lines: readonly DrawnLine[];
  readonly labelWidth: number;
  readonly segments: Segment[];
}

export interface LayeredGraph {
  readonly columns: readonly { readonly title: string; readonly items: Item[] }[];
  /** Names of the boxes, from top to bottom. */
  readonly bands: readonly string[];
  readonly edges: readonly LayeredEdge[];
}

export const FONT_SIZE = { title: 14, plain: 12, note: 11, fault: 11, problem: 11 } as const;
export const LINE_HEIGHT = { title: 19, plain: 16, note: 15, fault: 15, problem: 15 } as const;
export const PADDING = 12;
/** The box for everything without a namespace. */
export const OUTSIDE_BAND = '';

const COLUMNS: readonly { readonly title: string; readonly kinds: readonly NodeKind[] }[] = [
  { title: 'Entry', kinds: ['mesh', 'ingress', 'egress'] },
  { title: 'Host', kinds: ['host'] },
  { title: 'Delegate', kinds: ['delegate'] },
  { title: 'Destination', kinds: ['service', 'subset', 'outside', 'redirect', 'response'] },
];
const NODE_TEXT = 230;
const EDGE_TEXT = 280;
const MOST_DETAILS = 7;
const LEAST_NODE = 34;
const PASSING = 14;
const LEAST_SLOT = 16;
/** The space above the text of a label, and between the text and its line. */
export const LABEL_GAP = 5;

/** Puts nodes into columns, and splits edges at the columns that they pass. */
export function layeredGraph(graph: TrafficGraph): LayeredGraph {
  const used = COLUMNS.filter(({ kinds }) => graph.nodes.some(({ kind }) => kinds.includes(kind)));
  const columns = used.map(({ title }) => ({ title, items: [] as Item[] }));
  const items = new Map<string, Item>();
  const place = (item: Item): Item => {
    columns[item.column]?.items.push(item);
    return item;
  };
  for (const node of graph.nodes) {
    const column = used.findIndex(({ kinds }) => kinds.includes(node.kind));
    items.set(node.id, place(nodeItem(node, column)));
  }
  const edges: LayeredEdge[] = [];
  for (const [index, edge] of graph.edges.entries()) {
    const from = items.get(edge.from);
    const to = items.get(edge.to);
    if (!from || !to) continue;
    const lines = edgeLines(edge).flatMap(({ text, tone }) =>
      wrapText(text, FONT_SIZE[tone], EDGE_TEXT, 3).map((line) => ({ text: line, tone })),
    );
    const layered: LayeredEdge = { edge, lines, labelWidth: widest(lines), segments: [] };
    edges.push(layered);
    let last = from;
    for (let column = from.column + 1; column <= to.column; column++) {
      const next = column === to.column ? to : place(passingItem(to, column, index));
      const slot = last === from ? slotOf(lines) : PASSING;
      const segment: Segment = { edge: layered, from: last, to: next, slot };
      layered.segments.push(segment);
      last.out.push(segment);
      next.in.push(segment);
      last = next;
    }
  }
  for (const item of items.values()) {
    const out = item.out.reduce((sum, { slot }) => sum + slot, 0);
    item.height = Math.max(LEAST_NODE, 2 * PADDING + heightOf(item.lines), 8 + out, 8 + item.in.length * PASSING);
  }
  return { columns, bands: bandsOf(graph), edges };
}

function bandsOf({ namespaces, nodes }: TrafficGraph): readonly string[] {
  const entries = COLUMNS[0]?.kinds ?? [];
  const used = new Set(
    nodes.filter(({ kind }) => !entries.includes(kind)).map(({ namespace }) => namespace ?? OUTSIDE_BAND),
  );
  return [...namespaces.map(({ name }) => name), OUTSIDE_BAND].filter((band) => used.has(band));
}

function nodeItem(node: GraphNode, column: number): Item {
  const { id, title, details, problem, host, kind, namespace } = node;
  const shown =
    details.length <= MOST_DETAILS
      ? details
      : [...details.slice(0, MOST_DETAILS - 1), `and ${String(details.length - MOST_DETAILS + 1)} more`];
  const lines: DrawnLine[] = [
    ...wrapText(title, FONT_SIZE.title, NODE_TEXT, 3).map((text) => ({ text, tone: 'title' as const })),
    ...shown.flatMap((detail) =>
      wrapText(detail, FONT_SIZE.note, NODE_TEXT, 2).map((text) => ({ text, tone: 'note' as const })),
    ),
    ...(problem === undefined
      ? []
      : wrapText(problem, FONT_SIZE.problem, NODE_TEXT, 4).map((text) => ({ text, tone: 'problem' as const }))),
  ];
  const isEntry = COLUMNS[0]?.kinds.includes(kind) ?? false;
  return {
    node,
    column,
    band: isEntry ? undefined : (namespace ?? OUTSIDE_BAND),
    group: host ?? id,
    id,
    lines,
    width: widest(lines) + 2 * PADDING,
    height: 0,
    out: [],
    in: [],
  };
}

function passingItem(to: Item, column: number, index: number): Item {
  const id = `${to.id} ${String(index)}`;
  return { column, band: to.band, group: to.group, id, lines: [], width: 0, height: PASSING, out: [], in: [] };
}

function slotOf(lines: readonly DrawnLine[]): number {
  return lines.length === 0 ? LEAST_SLOT : heightOf(lines) + 2 * LABEL_GAP;
}

export function heightOf(lines: readonly DrawnLine[]): number {
  return lines.reduce((sum, { tone }) => sum + LINE_HEIGHT[tone], 0);
}

function widest(lines: readonly DrawnLine[]): number {
  // Titles are bold.
  return lines.reduce(
    (width, { text, tone }) => Math.max(width, textWidth(text, FONT_SIZE[tone] * (tone === 'title' ? 1.06 : 1))),
    0,
  );
}
