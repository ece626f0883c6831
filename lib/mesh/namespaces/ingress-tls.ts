import type { SidecarProtocol } from './sidecar-port';

/**
 * TLS settings of a sidecar that terminates TLS, with certificates in files in its container.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener-tls
 */
export interface IngressTls {
  /**
   * Whether clients must present a certificate (MUTUAL), may present one (OPTIONAL_MUTUAL), or are not asked for one
   * (SIMPLE).
   */
  readonly mode: 'SIMPLE' | 'MUTUAL' | 'OPTIONAL_MUTUAL';

  /** Path of the file with the server's certificate. */
  readonly serverCertificate: string;

  /** Path of the file with the private key. */
  readonly privateKey: string;

  /**
   * Path of the file with the CA certificates of accepted clients. For MUTUAL and OPTIONAL_MUTUAL.
   *
   * @default - none, with SIMPLE
   */
  readonly caCertificates?: string;
}

/** The problems with the settings, one sentence each. */
export function ingressTlsProblems(at: string, tls: IngressTls, protocol: SidecarProtocol | undefined): string[] {
  const { mode, serverCertificate, privateKey, caCertificates } = tls;
  return [
    ...(protocol === 'HTTPS' || protocol === 'TLS'
      ? []
      : [`${at} needs protocol HTTPS or TLS, but the port has ${protocol ?? 'none'}: write one of them`]),
    ...Object.entries({ serverCertificate, privateKey, caCertificates })
      .filter(([, file]) => file === '')
      .map(([prop]) => `${at}.${prop} is empty: write the path of a file`),
    ...(mode !== 'SIMPLE' && caCertificates === undefined
      ? [`${at} has mode ${mode} but no caCertificates, which the sidecar needs to verify clients: set it`]
      : []),
  ];
}
