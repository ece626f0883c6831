/** Whose a Namespace is: whether it comes and goes with the stack. */
export enum NamespaceOwnership {
  /** The stack creates the Namespace, and deletes it when the stack is destroyed. */
  CREATE = 'create',

  /** The Namespace exists already: the stack only labels it, and it survives the stack. */
  ADOPT = 'adopt',
}

/** Annotation of a Namespace that {@link NamespaceOwnership.ADOPT} marks, with the value `adopted`. */
export const OWNERSHIP_ANNOTATION = 'istio-module/ownership';
