import type { GraphEdge, GraphNode, TrafficGraph } from './graph-model';
import {
  FONT_SIZE,
  heightOf,
  LABEL_GAP,
  layeredGraph,
  type DrawnLine,
  type Item,
  type LayeredGraph,
  type Segment,
} from './layered-graph';
import { orderColumns } from './order-columns';
import { placeDown, type BandPlace } from './place-down';
import { textWidth } from './text-lines';

export interface Rectangle {
  /** Position of the upper left corner, in pixels. */
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
  /** The line between the nodes, as attribute `d` of an SVG path. */
  readonly path: string;
  /** The place of its text, if any: above the line, where it leaves the node. */
  readonly label?: Rectangle;
  readonly lines: readonly DrawnLine[];
}

export interface PlacedBox extends Rectangle {
  readonly title: string;
  readonly details: string;
  /** Whether the box contains what is outside the mesh, and is not a namespace. */
  readonly isOutside: boolean;
}

/** The positions of all parts of a graph. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly { readonly title: string; readonly x: number }[];
  readonly boxes: readonly PlacedBox[];
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

const MARGIN = 24;
const COLUMN_TITLE = 28;
const BOX_PADDING = 16;
const LABEL_START = 10;
const PORT_GAP = 12;
const BEND = { least: 64, most: 170, edge: 4 };

/** The horizontal positions of the columns and of the space for labels to their right. */
interface Across {
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Where lines start to bend. */
  readonly bend: readonly number[];
}

/** Start and end of a segment. */
interface Port {
  from: number;
  to: number;
}

/**
 * Arranges a graph in columns from left to right, and in boxes from top to bottom. Labels have their own space to the
 * right of their node, and lines bend only to the right of that space. So neither covers a node.
 */
export function layOut(graph: TrafficGraph): Layout {
  const layered = layeredGraph(graph);
  orderColumns(layered);
  const across = placeAcross(layered);
  const { tops, bands, bottom } = placeDown(layered, MARGIN + COLUMN_TITLE);
  const boxes = bands.map((band) => boxOf(band, across, graph));
  const ports = placePorts(layered, tops);
  return {
    width: Math.max(across.right.at(-1) ?? 0, ...boxes.map(({ x, width }) => x + width)) + MARGIN,
    height: bottom + MARGIN,
    columns: layered.columns.map(({ title }, column) => ({ title, x: across.left[column] ?? 0 })),
    boxes,
    nodes: layered.columns.flatMap(({ items }, column) =>
      items.flatMap((item): PlacedNode[] => {
        const { node, lines, height } = item;
        const [left = 0, right = 0] = [across.left[column], across.right[column]];
        return node ? [{ node, lines, x: left, y: tops.get(item) ?? 0, width: right - left, height }] : [];
      }),
    ),
    edges: layered.edges.map(({ edge, segments, lines, labelWidth }) => {
      const label = labelOf(segments, ports, across, { lines, width: labelWidth });
      return { edge, path: pathOf(segments, ports, across), lines, ...(label ? { label } : {}) };
    }),
  };
}

function placeAcross({ columns, edges }: LayeredGraph): Across {
  const left: number[] = [];
  const right: number[] = [];
  const bend: number[] = [];
  let x = MARGIN;
  for (const [column, { items }] of columns.entries()) {
    // Boxes start to the left of their first column.
    if (items.some(({ band }) => band !== undefined)) x += BOX_PADDING;
    left.push(x);
    x += items.reduce((width, item) => Math.max(width, item.width), 0);
    right.push(x);
    const labels = edges.filter(({ segments }) => segments[0]?.from.column === column);
    const label = labels.reduce((width, { labelWidth }) => Math.max(width, labelWidth), 0);
    x += label > 0 ? label + 2 * LABEL_START : LABEL_START;
    bend.push(x);
    const crossing = edges.filter(({ segments }) => segments.some(({ from }) => from.column === column)).length;
    x += Math.min(BEND.most, BEND.least + BEND.edge * crossing);
  }
  return { left, right, bend };
}

function boxOf(
  { band, top, bottom, firstColumn, lastColumn }: BandPlace,
  across: Across,
  graph: TrafficGraph,
): PlacedBox {
  const namespace = graph.namespaces.find(({ name }) => name === band);
  const title = namespace?.name ?? 'outside the mesh';
  const details = namespace?.details.join(' · ') ?? '';
  const x = (across.left[firstColumn] ?? 0) - BOX_PADDING;
  const titleWidth = textWidth(`${title}   ${details}`, FONT_SIZE.title) + 2 * BOX_PADDING;
  const width = Math.max((across.right[lastColumn] ?? 0) + BOX_PADDING - x, titleWidth);
  return { title, details, isOutside: namespace === undefined, x, y: top, width, height: bottom - top };
}

function placePorts({ columns }: LayeredGraph, tops: ReadonlyMap<Item, number>): ReadonlyMap<Segment, Port> {
  const ports = new Map<Segment, Port>();
  const portOf = (segment: Segment): Port => {
    const port = ports.get(segment) ?? { from: 0, to: 0 };
    ports.set(segment, port);
    return port;
  };
  for (const item of columns.flatMap(({ items }) => items)) {
    const top = tops.get(item) ?? 0;
    let next = top + (item.height - item.out.reduce((sum, { slot }) => sum + slot, 0)) / 2;
    for (const segment of item.out) {
      const hasLabel = item.node !== undefined && segment.edge.lines.length > 0;
      portOf(segment).from = next + segment.slot - (hasLabel ? LABEL_GAP : segment.slot / 2);
      next += segment.slot;
    }
    const middle = top + item.height / 2;
    for (const [index, segment] of item.in.entries()) {
      portOf(segment).to = middle + (index - (item.in.length - 1) / 2) * PORT_GAP;
    }
  }
  return ports;
}

function labelOf(
  [first]: readonly Segment[],
  ports: ReadonlyMap<Segment, Port>,
  across: Across,
  { lines, width }: { readonly lines: readonly DrawnLine[]; readonly width: number },
): Rectangle | undefined {
  const port = first && ports.get(first);
  if (!port || lines.length === 0) return undefined;
  const height = heightOf(lines);
  const x = (across.right[first.from.column] ?? 0) + LABEL_START;
  return { x, y: port.from - LABEL_GAP - height, width, height };
}

function pathOf(segments: readonly Segment[], ports: ReadonlyMap<Segment, Port>, across: Across): string {
  return segments
    .map((segment, index) => {
      const { from: y, to: end } = ports.get(segment) ?? { from: 0, to: 0 };
      const start = across.right[segment.from.column] ?? 0;
      const bend = across.bend[segment.from.column] ?? 0;
      const x = across.left[segment.to.column] ?? 0;
      const half = (bend + x) / 2;
      return [
        index === 0 ? `M${point(start, y)}` : '',
        `H${String(bend)}`,
        `C${point(half, y)} ${point(half, end)} ${point(x, end)}`,
      ].join('');
    })
    .join('');
}

function point(x: number, y: number): string {
  return `${String(Math.round(x * 10) / 10)},${String(Math.round(y * 10) / 10)}`;
}
