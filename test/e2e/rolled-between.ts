import type { WorkloadView } from './mesh-cluster';

/** The sample workloads that are rolled once they are in the mesh, as `kind/namespace/name`. */
export const SAMPLE_WORKLOADS = [
  'DaemonSet/shop/agent',
  'Deployment/shop/cart',
  'Deployment/shop/reviews-v1',
  'Deployment/shop/reviews-v2',
  'StatefulSet/shop/db',
];

/**
 * The workloads, as `kind/namespace/name`, that were touched between two views of a cluster: those whose generation or
 * pods differ.
 */
export function rolledBetween(
  before: Readonly<Record<string, WorkloadView>>,
  after: Readonly<Record<string, WorkloadView>>,
): string[] {
  const identity = (view: WorkloadView | undefined) =>
    JSON.stringify([view?.generation, view?.pods.map(({ uid }) => uid)]);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => identity(before[name]) !== identity(after[name]))
    .sort();
}
