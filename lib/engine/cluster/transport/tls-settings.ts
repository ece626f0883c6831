import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate, type SecureContext } from 'node:tls';
import type { Cluster } from '../kubeconfig/kubeconfig';

/** The settings of TLS connections to a host. */
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
      // TLS does not allow an IP address as server name.
      servername: isIP(name) === 0 ? name : '',
      checkServerIdentity: (_, certificate) => identityProblem(name, certificate),
    };
  };
}

/** Like Go, ignores the common name of a certificate. */
function identityProblem(name: string, certificate: PeerCertificate): Error | undefined {
  return certificate.subjectaltname
    ? checkServerIdentity(name, certificate)
    : new Error(`the server's certificate has no subject alternative name, so it is not valid for ${name}`);
}
