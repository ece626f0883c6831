import type { IConstruct } from 'constructs';
import { MeshOrder } from '../mesh-order';
import { MeshNamespace } from '../namespaces/mesh-namespace';
import { NamespaceOwnership } from '../namespaces/namespace-ownership';
import { selectsNamespace, type NamespaceSelector } from './namespace-selector';
import { showLabels } from '../labels';

/**
 * The problem with each namespace of a module's mesh that its discovery selectors exclude: istiod would see neither its
 * Services nor its policies. Only namespaces that the app creates are checked, because those that it adopts may have
 * further labels.
 */
export function undiscoveredNamespaces(module: IConstruct, selectors: readonly NamespaceSelector[]): string[] {
  return module.node.root.node
    .findAll()
    .filter((one) => one instanceof MeshNamespace)
    .filter(({ ownership }) => ownership === NamespaceOwnership.CREATE)
    .filter((namespace) =>
      MeshOrder.of(module)
        .controlPlanesOf(namespace)
        .some((one) => one.module === module && (namespace.injection.injected || namespace.name === one.rootNamespace)),
    )
    .flatMap(({ name, namespaceObject }) => {
      const { labels } = namespaceObject.metadata.toJson() as { labels?: Readonly<Record<string, string>> };
      const all = { ...labels, 'kubernetes.io/metadata.name': name };
      return selectsNamespace(selectors, all)
        ? []
        : [
            `meshConfig.discoverySelectors selects no namespace with labels ${showLabels(all)}, so istiod would not see namespace '${name}' of the mesh: add a selector such as { matchLabels: { 'kubernetes.io/metadata.name': '${name}' } }`,
          ];
    });
}
