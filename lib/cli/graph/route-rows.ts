import { edgeLines } from './edge-lines';
import type { GraphEdge, GraphNode, TrafficGraph } from './graph-model';
import { percentText } from './percent-text';

/** One route, as a row of the table. */
export interface RouteRow {
  /** The entries; for a delegate, the hosts that delegate to it. */
  readonly from: string;
  readonly host: string;
  readonly match: string;
  readonly to: string;
  readonly share: string;
  /** Further information. */
  readonly details: string;
  /** The objects that define the route. */
  readonly definedBy: string;
  readonly isBroken: boolean;
}

/** All routes, in the order of their rules. */
export function routeRows({ nodes, edges }: TrafficGraph): readonly RouteRow[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sources = new Map<string, GraphNode[]>();
  for (const { from, to, kind, problem } of edges) {
    const source = byId.get(from);
    if (!source || problem !== undefined || (kind !== 'entry' && kind !== 'delegate')) continue;
    sources.set(to, [...(sources.get(to) ?? []), source]);
  }
  return edges.flatMap((edge): RouteRow[] => {
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
    if (!from || !to || isOnTheWay(edge, to)) return [];
    const entries = [...new Set(sources.get(from.id))];
    const isEntry = edge.kind === 'entry';
    const problems = [edge.problem, to.problem].filter((problem) => problem !== undefined);
    return [
      {
        from: (isEntry ? [from] : entries).map(entryText).join(', '),
        host: isEntry ? (to.host ?? to.title) : from.title,
        match: conditionText(edge),
        to: destinationText(to),
        share: edge.percent === undefined ? '' : percentText(edge.percent),
        details: [
          ...(edge.kind === 'mirror' ? ['mirrored'] : []),
          ...edge.notes,
          ...edge.faults.map((fault) => `fault: ${fault}`),
          ...problems,
        ].join(', '),
        definedBy: [...new Set([...from.definedBy, ...to.definedBy])].join(', '),
        isBroken: problems.length > 0,
      },
    ];
  });
}

/**
 * Whether the edge leads from an entry to a host and has no problem. The table shows such entries in the rows of the
 * host's rules.
 */
function isOnTheWay({ kind, problem }: GraphEdge, to: GraphNode): boolean {
  return kind === 'entry' && to.kind === 'host' && problem === undefined;
}

function conditionText(edge: GraphEdge): string {
  const [first] = edgeLines({ ...edge, kind: 'route', percent: undefined });
  return first?.tone === 'plain' ? first.text : '';
}

function entryText({ title, kind, namespace }: GraphNode): string {
  return kind === 'ingress' || kind === 'egress' ? `gateway ${namespace ?? ''}/${title}` : title;
}

function destinationText({ kind, host, title, details, namespace }: GraphNode): string {
  if (kind === 'delegate') return `${namespace ?? ''}/${title}`;
  if (kind === 'host') return title;
  if (host === undefined) return [title, ...details.slice(0, 1)].join(', ');
  return kind === 'subset' ? `${host}, ${details[0] ?? ''}` : host;
}
