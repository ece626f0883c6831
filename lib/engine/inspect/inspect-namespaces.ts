import { NEVER_INJECTED } from '../../never-injected';
import { injectingRevision } from './injection';
import type { NamespaceInspection } from './inspection';
import type { MeshView } from './mesh-view';

/** The namespaces that may contain sidecars, sorted by name. */
export function inspectNamespaces({ state, mutualTls, names, workloadsIn }: MeshView): readonly NamespaceInspection[] {
  return [...state.snapshot.namespaces.values()]
    .filter(({ name }) => names.has(name) && !NEVER_INJECTED.includes(name))
    .map((namespace): NamespaceInspection => {
      const { name } = namespace;
      const pods = workloadsIn(name).flatMap((workload) => workload.pods);
      const { mode, policy } = mutualTls.ofNamespace(name);
      return {
        name,
        injectedBy: injectingRevision(state.webhookConfigurations, namespace),
        mutualTls: mode,
        mutualTlsFrom: !policy ? 'default' : policy === mutualTls.mesh.policy ? 'mesh' : 'namespace',
        pods: pods.length,
        proxies: pods.filter(({ sidecar }) => sidecar).length,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
