import { groupBy } from '../../group-by';
import type { Workload } from '../snapshot/snapshot';
import { RestartError } from '../restart-error';
import { rootNamespaceOf } from '../istio/root-namespace';
import { effectiveMutualTls, type MeshMutualTls } from '../istio/mutual-tls/effective-mutual-tls';
import type { MeshState } from './mesh-state';

/** The inspected part of a mesh, with the data that everything in it depends on. */
export interface MeshView {
  readonly state: MeshState;
  /** The namespace whose policies apply to the whole mesh. */
  readonly rootNamespace: string;
  readonly mutualTls: MeshMutualTls;
  /** The inspected namespaces. */
  readonly names: ReadonlySet<string>;
  /** Their workloads. */
  readonly workloads: readonly Workload[];
  readonly workloadsIn: (namespace: string) => readonly Workload[];
}

/**
 * @throws RestartError `InvalidOption` for a namespace that does not exist, `InjectorOutOfDate` for an invalid mesh
 * configuration
 */
export function meshView(state: MeshState, namespaces?: readonly string[]): MeshView {
  const names = chosenNamespaces(state, namespaces);
  const rootNamespace = rootNamespaceOf(state.istiods);
  const workloads = state.snapshot.workloads.filter(({ namespace }) => names.has(namespace));
  const byNamespace = groupBy(workloads, ({ namespace }) => namespace);
  return {
    state,
    rootNamespace,
    mutualTls: effectiveMutualTls(state.peerAuthentications, rootNamespace),
    names,
    workloads,
    workloadsIn: (namespace) => byNamespace.get(namespace) ?? [],
  };
}

function chosenNamespaces({ snapshot }: MeshState, chosen: readonly string[] | undefined): ReadonlySet<string> {
  const unknown = chosen?.filter((name) => !snapshot.namespaces.has(name)) ?? [];
  if (unknown.length > 0) {
    throw new RestartError(
      'InvalidOption',
      `The cluster has no ${unknown.length === 1 ? 'namespace' : 'namespaces'} ${unknown.join(', ')}`,
      { remedy: 'use namespaces that exist' },
    );
  }
  return new Set(chosen ?? snapshot.namespaces.keys());
}
