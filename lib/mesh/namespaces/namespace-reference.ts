import type { ApiObject } from 'cdk8s';

/** The parts of a `MeshNamespace` that other constructs use. */
export interface NamespaceConstruct {
  /** Name of the namespace. */
  readonly name: string;

  /** The raw Namespace. */
  readonly namespaceObject: ApiObject;
}

/** A namespace, as the construct or by its name. */
export type NamespaceReference = NamespaceConstruct | string;

/** The name of a namespace that is given as the construct or by its name. */
export function namespaceName(namespace: NamespaceReference): string {
  return typeof namespace === 'string' ? namespace : namespace.name;
}
