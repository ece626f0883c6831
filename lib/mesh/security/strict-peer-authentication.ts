import type { Construct } from 'constructs';
import { MutualTls } from './mutual-tls';
import { PeerAuthentication, type PeerAuthenticationProps } from './peer-authentication';

/** Properties of {@link StrictPeerAuthentication}. */
export type StrictPeerAuthenticationProps = Omit<PeerAuthenticationProps, 'mode'>;

/**
 * Makes workloads accept only mutual TLS, except on the given ports: a {@link PeerAuthentication} with the mode STRICT.
 *
 * @see https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
export class StrictPeerAuthentication extends PeerAuthentication {
  /** @throws Error as {@link PeerAuthentication} does */
  constructor(scope: Construct, id: string, props: StrictPeerAuthenticationProps = {}) {
    super(scope, id, { ...props, mode: MutualTls.STRICT });
  }
}
