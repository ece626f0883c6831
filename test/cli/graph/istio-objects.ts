import type { GraphEdge, GraphNode, TrafficGraph } from '../../../lib/cli/graph/graph-model';
import { trafficGraph, type TrafficGraphOptions } from '../../../lib/cli/graph/traffic-graph';
import type { TrafficSource } from '../../../lib/cli/graph/traffic-objects';

const NETWORKING = 'networking.istio.io/v1';

export const istio = (kind: string, name: string, spec: object, namespace = 'shop'): TrafficSource => ({
  apiVersion: NETWORKING,
  kind,
  metadata: { name, namespace },
  spec,
});
export const virtualService = (name: string, spec: object, namespace?: string) =>
  istio('VirtualService', name, { hosts: [name], ...spec }, namespace);
export const to = (host: string, subset?: string) => ({ destination: { host, ...(subset ? { subset } : {}) } });
export const core = (kind: string, name: string, spec?: object, labels?: Record<string, string>): TrafficSource => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  metadata: { name, ...(kind === 'Namespace' ? {} : { namespace: 'shop' }), ...(labels ? { labels } : {}) },
  ...(spec ? { spec } : {}),
});
export const deployment = (name: string, labels: Record<string, string>) =>
  core('Deployment', name, { template: { metadata: { labels } } });

/** An edge as text: its ends, its kind if it is not a route, and its labels. */
export function edgeText({ from, to: end, kind, protocol, match, percent, notes, faults, problem }: GraphEdge): string {
  return [
    `${from} -> ${end}`,
    kind === 'route' ? undefined : kind,
    protocol === 'HTTP' ? undefined : protocol,
    match.length > 0 ? match.join(' | ') : undefined,
    percent === undefined ? undefined : `${String(percent)} %`,
    ...notes,
    ...faults,
    problem && `! ${problem}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

export const edgesOf = (sources: readonly TrafficSource[], options?: TrafficGraphOptions) =>
  trafficGraph(sources, options).edges.map(edgeText);

export function nodeOf({ nodes }: TrafficGraph, id: string): GraphNode | undefined {
  return nodes.find((node) => node.id === id);
}

export const WHOLE_CLUSTER: TrafficGraphOptions = { isComplete: () => true };
export const REVIEWS = 'reviews.shop.svc.cluster.local';
