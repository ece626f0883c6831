import type { WorkloadName } from '../../restart/index';

/** How a workload is called on a terminal: `Deployment shop/cart`. */
export function labelOf({ kind, namespace, name }: WorkloadName): string {
  return `${kind} ${namespace}/${name}`;
}
