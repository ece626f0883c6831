import type { SidecarProtocol } from './sidecar-port';

/**
 * TLS that a sidecar ends, with certificates in files of its container.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener-tls
 */
export interface IngressTls {
  /** Whether clients have to show a certificate (MUTUAL), may show one (OPTIONAL_MUTUAL), or are not asked (SIMPLE). */
  readonly mode: 'SIMPLE' | 'MUTUAL' | 'OPTIONAL_MUTUAL';

  /** The file with the server's certificate. */
  readonly serverCertificate: string;

  /** The file with its private key. */
  readonly privateKey: string;

  /**
   * The file with the certificate authorities of accepted clients; for MUTUAL and OPTIONAL_MUTUAL.
   *
   * @default - none, with SIMPLE
   */
  readonly caCertificates?: string;
}

/** The problems with it, one sentence each. */
export function ingressTlsProblems(at: string, tls: IngressTls, protocol: SidecarProtocol | undefined): string[] {
  const { mode, serverCertificate, privateKey, caCertificates } = tls;
  return [
    ...(protocol === 'HTTPS' || protocol === 'TLS'
      ? []
      : [`${at} is for protocol HTTPS or TLS, and the port has ${protocol ?? 'none'}: write one of them`]),
    ...Object.entries({ serverCertificate, privateKey, caCertificates })
      .filter(([, file]) => file === '')
      .map(([prop]) => `${at}.${prop} is empty: write a file`),
    ...(mode !== 'SIMPLE' && caCertificates === undefined
      ? [`${at} has mode ${mode} but no caCertificates, which clients are verified with: set it`]
      : []),
  ];
}
