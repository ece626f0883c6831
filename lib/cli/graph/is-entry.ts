import type { GraphNode } from './graph-model';

/** Whether requests start at the node: all sidecars, or a gateway. */
export function isEntry({ kind }: GraphNode): boolean {
  return kind === 'mesh' || kind === 'ingress' || kind === 'egress';
}
