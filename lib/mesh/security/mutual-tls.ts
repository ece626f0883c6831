/**
 * The connections that workloads accept from each other.
 *
 * @see https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-MutualTLS-Mode
 */
export enum MutualTls {
  /** Only mutual TLS. */
  STRICT = 'STRICT',

  /** Mutual TLS and plain text. */
  PERMISSIVE = 'PERMISSIVE',

  /** Only plain text. */
  DISABLE = 'DISABLE',
}
