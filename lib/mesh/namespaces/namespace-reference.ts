import type { MeshNamespace } from './mesh-namespace';

/** A namespace, as the construct or by its name. */
export type NamespaceReference = MeshNamespace | string;

/** The name of a namespace that is given as the construct or by its name. */
export function namespaceName(namespace: NamespaceReference): string {
  return typeof namespace === 'string' ? namespace : namespace.name;
}
