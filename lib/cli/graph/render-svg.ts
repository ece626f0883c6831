import { FONT_SIZE, heightOf, LINE_HEIGHT, type DrawnLine } from './drawn-lines';
import { escapeXml } from './escape-xml';
import type { GraphEdge, GraphNode, NodeKind, TrafficGraph } from './graph-model';
import { layOut, type PlacedBox } from './lay-out';
import { linePath } from './line-path';
import type { PlacedEdge, PlacedNode } from './place-part';
import { routeRows } from './route-rows';
import { SVG_STYLE } from './svg-style';

const CLASSES: Readonly<Record<NodeKind, string>> = {
  mesh: 'entry',
  ingress: 'entry',
  egress: 'entry',
  host: 'host',
  delegate: 'delegate',
  service: 'service',
  subset: 'service',
  outside: 'outside',
  redirect: 'answer',
  response: 'answer',
};
/** Where requests start or are routed: round corners. Where they end or are answered: square corners. */
const ROUND: readonly NodeKind[] = ['mesh', 'ingress', 'egress', 'host', 'delegate'];
const CORNER = { round: 17, square: 5 };
const BOX_TITLE_Y = 20;
const THINNEST = 1;
const THICKEST = 2.75;

/**
 * The graph as one SVG element, in several lines. It needs no scripts or external resources, follows the system's
 * light or dark colors, and describes nodes and edges in their titles.
 */
export async function renderSvg(graph: TrafficGraph): Promise<readonly string[]> {
  const { width, height, boxes, nodes, edges } = await layOut(graph);
  const [wide, high] = [String(Math.ceil(width)), String(Math.ceil(height))];
  const names = new Map(graph.nodes.map((node) => [node.id, node]));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="traffic" role="img" aria-labelledby="traffic-title traffic-desc" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}">`,
    '<title id="traffic-title">Traffic in the mesh</title>',
    `<desc id="traffic-desc">${escapeXml(descriptionOf(graph))}</desc>`,
    '<style>',
    ...SVG_STYLE,
    '</style>',
    '<defs>',
    '<marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0,1 L10,5 L0,9 Z"/></marker>',
    '</defs>',
    `<rect width="${wide}" height="${high}" fill="var(--page)"/>`,
    ...boxes.map(boxLine),
    ...edges.map((edge) => edgeLine(edge, names)),
    ...nodes.map(nodeLine),
    '</svg>',
  ];
}

function descriptionOf(graph: TrafficGraph): string {
  return routeRows(graph)
    .map(({ from, host, match, to, share, details }) =>
      [`${[from, host].filter(Boolean).join(', ')} to ${to}`, match, share, details].filter(Boolean).join('; '),
    )
    .join('. ');
}

function boxLine({ x, y, width, height, title, details }: PlacedBox): string {
  const more = details === '' ? '' : `<tspan class="details" dx="10">${escapeXml(details)}</tspan>`;
  return [
    `<g class="box"><rect ${size(x, y, width, height)} rx="10"/>`,
    `<text x="${number(x + 14)}" y="${number(y + BOX_TITLE_Y)}">${escapeXml(title)}${more}</text></g>`,
  ].join('');
}

function nodeLine({ node, lines, x, y, width, height }: PlacedNode): string {
  const corner = ROUND.includes(node.kind) ? CORNER.round : CORNER.square;
  const use = node.problem === undefined ? CLASSES[node.kind] : 'broken';
  return [
    `<g class="node ${use}" data-id="${escapeXml(node.id)}"><title>${escapeXml(nodeTitle(node))}</title>`,
    `<rect ${size(x, y, width, height)} rx="${String(corner)}"/>`,
    textLines(lines, x + width / 2, y + (height - heightOf(lines)) / 2, 'middle'),
    '</g>',
  ].join('');
}

function edgeLine({ edge, points, label, lines }: PlacedEdge, nodes: ReadonlyMap<string, GraphNode>): string {
  const use = ['edge', edge.kind, ...(edge.problem === undefined ? [] : ['refused'])].join(' ');
  const thickness = THINNEST + ((THICKEST - THINNEST) * (edge.percent ?? 25)) / 100;
  const style = edge.kind === 'route' ? ` style="stroke-width:${thickness.toFixed(2)}"` : '';
  return [
    `<g class="${use}"><title>${escapeXml(edgeTitle(edge, nodes))}</title>`,
    `<path class="line" d="${linePath(points)}" marker-end="url(#tip)"${style}/>`,
    label ? textLines(lines, label.x, label.y, 'start') : '',
    '</g>',
  ].join('');
}

function textLines(lines: readonly DrawnLine[], x: number, top: number, anchor: 'start' | 'middle'): string {
  let y = top;
  return lines
    .map(({ text, tone }) => {
      const baseline = y + (LINE_HEIGHT[tone] + FONT_SIZE[tone] * 0.72) / 2;
      y += LINE_HEIGHT[tone];
      const place = `x="${number(x)}" y="${number(baseline)}"`;
      return `<text class="${tone}" ${place}${anchor === 'middle' ? ' text-anchor="middle"' : ''}>${escapeXml(text)}</text>`;
    })
    .join('');
}

function nodeTitle({ title, host, details, definedBy, problem }: GraphNode): string {
  return [host ?? title, ...details, ...definedBy, ...(problem === undefined ? [] : [problem])].join('\n');
}

function edgeTitle(edge: GraphEdge, nodes: ReadonlyMap<string, GraphNode>): string {
  const [from, to] = [edge.from, edge.to].map((id) => nodes.get(id));
  const subset = to?.kind === 'subset' ? ` (${to.details[0] ?? ''})` : '';
  return [
    `${from?.title ?? ''} → ${to?.host ?? to?.title ?? ''}${subset}`,
    ...(edge.rule === undefined ? [] : [`${edge.protocol ?? ''} rule ${String(edge.rule)}`]),
    ...edge.match,
    ...edge.notes,
    ...edge.faults,
    ...(edge.problem === undefined ? [] : [edge.problem]),
  ].join('\n');
}

function size(x: number, y: number, width: number, height: number): string {
  return `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"`;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
