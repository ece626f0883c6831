/** Whether a Namespace belongs to the stack. */
export enum NamespaceOwnership {
  /** The stack creates the Namespace, and deletes it when the stack is destroyed. */
  CREATE = 'create',

  /** The Namespace already exists. The stack only labels it, and does not delete it. */
  ADOPT = 'adopt',
}

/** Annotation that marks a Namespace with {@link NamespaceOwnership.ADOPT}; its value is `adopted`. */
export const OWNERSHIP_ANNOTATION = 'istio-module/ownership';
