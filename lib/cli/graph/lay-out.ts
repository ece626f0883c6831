import { FONT_SIZE } from './drawn-lines';
import type { TrafficGraph } from './graph-model';
import { graphParts } from './graph-parts';
import { placePart, type PlacedEdge, type PlacedNode, type Rectangle } from './place-part';
import { textWidth } from './text-lines';

export interface PlacedBox extends Rectangle {
  readonly title: string;
  readonly details: string;
}

/** A graph with a place for everything. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

const MARGIN = 24;
const BOX_PADDING = 16;
const BOX_TITLE = 36;
const BOX_GAP = 18;

/** Places each namespace in a box of its own, one below the other. */
export async function layOut(graph: TrafficGraph): Promise<Layout> {
  const boxes: PlacedBox[] = [];
  const nodes: PlacedNode[] = [];
  const edges: PlacedEdge[] = [];
  let top = MARGIN;
  for (const part of graphParts(graph)) {
    const placed = await placePart(part);
    const [x, y] = [MARGIN + BOX_PADDING, top + BOX_TITLE];
    const moved = <T extends { readonly x: number; readonly y: number }>(one: T): T => ({
      ...one,
      x: one.x + x,
      y: one.y + y,
    });
    nodes.push(...placed.nodes.map(moved));
    edges.push(
      ...placed.edges.map(({ points, label, ...edge }) => ({
        ...edge,
        points: points.map(moved),
        ...(label ? { label: moved(label) } : {}),
      })),
    );
    const title = part.namespace ?? 'outside the mesh';
    const details = graph.namespaces.find(({ name }) => name === part.namespace)?.details.join(' · ') ?? '';
    const titleWidth = textWidth(`${title}   ${details}`, FONT_SIZE.title);
    const width = Math.max(placed.width, titleWidth) + 2 * BOX_PADDING;
    const height = BOX_TITLE + placed.height + BOX_PADDING;
    boxes.push({ title, details, x: MARGIN, y: top, width, height });
    top += height + BOX_GAP;
  }
  const width = boxes.reduce((widest, box) => Math.max(widest, box.width), 0);
  return {
    width: width + 2 * MARGIN,
    height: Math.max(top - BOX_GAP, MARGIN) + MARGIN,
    boxes: boxes.map((box) => ({ ...box, width })),
    nodes,
    edges,
  };
}
