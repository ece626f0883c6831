import { edgeLines } from './edge-lines';
import type { EdgeKind, GraphEdge, GraphNode, NodeKind, TrafficGraph } from './graph-model';
import { isEntry } from './is-entry';

const SHAPES: Readonly<Record<NodeKind, readonly [before: string, after: string]>> = {
  mesh: ['([', '])'],
  ingress: ['([', '])'],
  egress: ['([', '])'],
  host: ['(', ')'],
  delegate: ['[[', ']]'],
  service: ['[', ']'],
  subset: ['[', ']'],
  outside: ['[/', '/]'],
  redirect: ['{{', '}}'],
  response: ['{{', '}}'],
};
const ARROWS: Readonly<Record<EdgeKind, string>> = {
  entry: '-->',
  route: '-->',
  mirror: '-.->',
  delegate: '-->',
  redirect: '-->',
  response: '-->',
};
const OUTSIDE = 'outside the mesh';
const BROKEN_LINE = 'stroke:#c62828,color:#c62828';

/**
 * The graph as a Mermaid flowchart, one statement per line. An id depends only on its node, unless two ids would be
 * equal.
 */
export function renderMermaid(graph: TrafficGraph): readonly string[] {
  const ids = mermaidIds(graph);
  const idOf = (id: string) => ids.get(id) ?? '';
  const nodeLine = (node: GraphNode) => {
    const [before, after] = SHAPES[node.kind];
    return `${idOf(node.id)}${before}${quoted(nodeTexts(node))}${after}`;
  };
  const boxed = graph.nodes.filter((node) => !isEntry(node));
  const subgraph = (id: string, texts: readonly string[], nodes: readonly GraphNode[]) =>
    nodes.length === 0
      ? []
      : [`  subgraph ${id}[${quoted(texts)}]`, ...nodes.map((node) => `    ${nodeLine(node)}`), '  end'];
  const broken = graph.nodes.filter(({ problem }) => problem !== undefined).map(({ id }) => idOf(id));
  const brokenLinks = graph.edges.flatMap(({ problem }, index) => (problem === undefined ? [] : [String(index)]));
  return [
    'flowchart LR',
    ...graph.nodes.filter(isEntry).map((node) => `  ${nodeLine(node)}`),
    ...graph.namespaces.flatMap(({ name, details }) =>
      subgraph(
        idOf(namespaceKey(name)),
        [[name, ...details].join(' · ')],
        boxed.filter(({ namespace }) => namespace === name),
      ),
    ),
    ...subgraph(
      'outside_mesh',
      [OUTSIDE],
      boxed.filter(({ namespace }) => namespace === undefined),
    ),
    ...graph.edges.map((edge) => `  ${idOf(edge.from)} ${ARROWS[edge.kind]}${edgeLabel(edge)} ${idOf(edge.to)}`),
    ...(broken.length === 0
      ? []
      : [`  classDef broken ${BROKEN_LINE},stroke-dasharray:4`, `  class ${broken.join(',')} broken`]),
    ...(brokenLinks.length === 0 ? [] : [`  linkStyle ${brokenLinks.join(',')} ${BROKEN_LINE}`]),
  ];
}

function nodeTexts({ title, details, problem }: GraphNode): readonly string[] {
  return [title, ...details, ...(problem === undefined ? [] : [problem])];
}

function edgeLabel(edge: GraphEdge): string {
  const lines = edgeLines(edge).map(({ text }) => text);
  return lines.length === 0 ? '' : `|${quoted(lines)}|`;
}

function namespaceKey(name: string): string {
  return `namespace:${name}`;
}

/**
 * Ids that contain only characters that Mermaid accepts, by the id of the node or the key of the namespace. If two
 * would be the same, the later one gets a number.
 */
function mermaidIds({ namespaces, nodes }: TrafficGraph): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const taken = new Set<string>(['outside_mesh']);
  for (const id of [...namespaces.map(({ name }) => namespaceKey(name)), ...nodes.map((node) => node.id)]) {
    const plain = id.replace(/\.svc\.cluster\.local\b/, '').replace(/[^A-Za-z0-9]+/g, '_');
    let free = plain;
    for (let count = 2; taken.has(free); count++) free = `${plain}_${String(count)}`;
    taken.add(free);
    ids.set(id, free);
  }
  return ids;
}

function quoted(lines: readonly string[]): string {
  return `"${lines.map(escaped).join('<br/>')}"`;
}

/**
 * Escapes characters that Mermaid, HTML or Markdown interpret in labels, as numeric entities. Replaces line breaks and
 * other control characters with spaces.
 */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/[^\p{L}\p{M}\p{N} .,=/()%·…-]/gu, (character) => `#${String(character.codePointAt(0))};`)
    .replaceAll('%%', '#37;#37;')
    .replace(/^-|(?<=^\d+)[.)]/, (character) => `#${String(character.codePointAt(0))};`);
}
