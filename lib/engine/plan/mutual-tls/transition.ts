/**
 * A namespace whose workloads enter or leave the mesh. Until all of them have, some have a sidecar and some have none,
 * and under STRICT mutual TLS those with one refuse the others.
 */
export interface MutualTlsTransition {
  readonly namespace: string;
  readonly state: TransitionState;
  /** One sentence for a person. */
  readonly message: string;
  /** When the last of the maintenance windows that it waits for opens, in RFC 3339. */
  readonly until?: string;
  /** Workloads without a sidecar that only their users can restart: STRICT mutual TLS refuses their calls from now on. */
  readonly refused?: readonly string[];
}

export type TransitionState =
  /** Plain text is accepted beside mutual TLS until the workloads are restarted. */
  | 'permissive'
  /** The workloads are restarted, and mutual TLS is what it was before. */
  | 'ended'
  /** A policy of the namespace's own keeps STRICT in force. */
  | 'strict';
