import type { GraphNode } from './graph-model';

/** Whether requests begin there: at all sidecars, or at a gateway. */
export function isEntry({ kind }: GraphNode): boolean {
  return kind === 'mesh' || kind === 'ingress' || kind === 'egress';
}
