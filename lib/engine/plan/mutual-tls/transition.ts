/**
 * A namespace whose workloads enter or leave the mesh. Until this is complete, only some of them have a sidecar. With
 * STRICT mutual TLS, workloads with a sidecar refuse calls from the others.
 */
export interface MutualTlsTransition {
  readonly namespace: string;
  readonly state: TransitionState;
  /** One sentence for people. */
  readonly message: string;
  /** When the last maintenance window opens that the transition waits for, in RFC 3339. */
  readonly until?: string;
  /**
   * Workloads without a sidecar that only their users can restart. STRICT mutual TLS refuses their calls from now on.
   */
  readonly refused?: readonly string[];
}

export type TransitionState =
  /** The namespace accepts plain text in addition to mutual TLS until the workloads are restarted. */
  | 'permissive'
  /** The workloads are restarted, and the mutual TLS mode is the same as before. */
  | 'ended'
  /** Mutual TLS stays STRICT: a policy of the namespace sets it, or the policy of the transition was refused. */
  | 'strict';
