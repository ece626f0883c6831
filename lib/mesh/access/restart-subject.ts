/**
 * A subject that restarts workloads: a `ServiceAccount`, `User` or `Group` of cdk8s-plus-27 or later.
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
   * API group of the subject.
   *
   * @default - the API group of the kind
   */
  readonly apiGroup?: string;

  /** `ServiceAccount`, `User` or `Group`. */
  readonly kind: string;

  /** Name of the subject. */
  readonly name: string;

  /**
   * Namespace of the subject, which only a ServiceAccount has.
   *
   * @default - none
   */
  readonly namespace?: string;
}
