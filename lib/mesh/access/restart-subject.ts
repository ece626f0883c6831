/**
 * Who restarts: a `ServiceAccount`, `User` or `Group` of any cdk8s-plus from 27 on.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects
 */
export interface RestartSubject {
  /** The subject as an entry of a binding's `subjects`. */
  toSubjectConfiguration(): RestartSubjectConfiguration;
}

/** A subject as an entry of a binding's `subjects`. */
export interface RestartSubjectConfiguration {
  /**
   * Its API group.
   *
   * @default - that of the kind
   */
  readonly apiGroup?: string;

  /** `ServiceAccount`, `User` or `Group`. */
  readonly kind: string;

  /** Its name. */
  readonly name: string;

  /**
   * Its namespace, which only a ServiceAccount has.
   *
   * @default - none
   */
  readonly namespace?: string;
}
