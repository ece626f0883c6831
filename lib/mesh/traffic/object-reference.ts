import { definedFields } from '../fields';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem, objectNameProblem } from '../object-name';

/** A reference to an object. */
export interface NamedObject {
  readonly name: string;

  /** @default - the namespace of the object that refers to it */
  readonly namespace?: NamespaceReference;
}

/** A provider of secrets that istiod or the proxy's agent recognizes by a URL scheme, such as `sds://NAME`. */
const BY_SCHEME = /^[a-z][-a-z]*:\/\/[^\s/]+(\/[^\s/]+)*$/;

/** The problem with the name of a referenced object, if any. */
export function objectReferenceProblem(what: string, name: string): string[] {
  return objectNameProblem(name).length === 0
    ? []
    : [`${what} '${name}' is not a valid object name: write lower-case letters, digits, hyphens and dots`];
}

/** The problem with the name of a Secret, or with another source of certificates that has a URL scheme, if any. */
export function credentialProblem(what: string, name: string): string[] {
  return BY_SCHEME.test(name) ? [] : objectReferenceProblem(what, name);
}

/** The problems with the name and the namespace of a referenced object, one sentence each. */
export function namedObjectProblems(what: string, { name, namespace }: NamedObject): string[] {
  return [
    ...objectReferenceProblem(what, name),
    ...(namespace === undefined ? [] : labelNameProblem(`${what} namespace`, namespaceName(namespace))),
  ];
}

/** The reference from an object in `ownNamespace`; it omits the namespace if that is the same. */
export function renderNamedObject({ name, namespace }: NamedObject, ownNamespace: string) {
  const place = namespace === undefined ? ownNamespace : namespaceName(namespace);
  return definedFields({ name, namespace: place === ownNamespace ? undefined : place });
}
