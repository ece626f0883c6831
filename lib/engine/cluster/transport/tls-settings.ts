import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate, type SecureContext } from 'node:tls';
import type { Cluster } from '../kubeconfig/kubeconfig';

/** What a TLS connection to a host is made with. */
export type TlsSettings = (host: string) => ConnectionOptions;

/** @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#Cluster */
export function tlsSettings(cluster: Cluster, secureContext: SecureContext): TlsSettings {
  const { tlsServerName, insecureSkipTlsVerify } = cluster;
  return (host) => {
    const name = tlsServerName || host;
    return {
      secureContext,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: !insecureSkipTlsVerify,
      // An address is no server name that TLS has a field for.
      servername: isIP(name) === 0 ? name : '',
      checkServerIdentity: (_, certificate) => identityProblem(name, certificate),
    };
  };
}

/** As Go does, without regard to a certificate's common name. */
function identityProblem(name: string, certificate: PeerCertificate): Error | undefined {
  return certificate.subjectaltname
    ? checkServerIdentity(name, certificate)
    : new Error(`the server's certificate has no subject alternative name, and so is not for ${name}`);
}
