import { definedFields } from '../fields';
import { hostProblem } from '../host-name';
import { credentialProblem } from './object-reference';

/** The server name and the identities that clients expect of the server. */
export interface ServerIdentity {
  /**
   * The server name in the handshake (SNI).
   *
   * @default - the host that the request names
   */
  readonly sni?: string;

  /**
   * Names of the server. Its certificate must contain one of them.
   *
   * @default - the names in the host's ServiceEntry, or the host that the request names
   */
  readonly subjectAltNames?: readonly string[];
}

/** The files with the certificate authorities (CAs) that clients trust. */
export interface AuthoritiesFromFile {
  /**
   * Path of the file with the CA certificates, in the proxy's container.
   *
   * @default - the CA certificates of the operating system
   */
  readonly caCertificates?: string;

  /**
   * Path of the file with the certificate revocation list (CRL), in the proxy's container.
   *
   * @default - none; revocation is not checked
   */
  readonly caCrl?: string;

  readonly credentialName?: never;
}

/** Keys and certificates in a Secret. */
export interface FromSecret {
  /**
   * Name of the Secret, in the namespace of the client's proxy. Sidecars use it only if the policy's `clients` select
   * them. Without `clients`, only gateways use it.
   */
  readonly credentialName: string;

  readonly caCertificates?: never;
  readonly caCrl?: never;
  readonly clientCertificate?: never;
  readonly privateKey?: never;
}

/** Keys and certificates in files of the proxy's container. */
export interface FromFiles extends AuthoritiesFromFile {
  /** Path of the file with the client's certificate. */
  readonly clientCertificate: string;

  /** Path of the file with the client's private key. */
  readonly privateKey: string;
}

/** A server whose certificate is not verified. Anyone on the network path can impersonate it. */
export interface UnverifiedServer {
  readonly insecureSkipVerify: true;

  /**
   * The server name in the handshake (SNI).
   *
   * @default - the host that the request names
   */
  readonly sni?: string;

  readonly subjectAltNames?: never;
  readonly caCertificates?: never;
}

/** A server whose certificate is verified. */
export interface VerifiedServer extends ServerIdentity {
  readonly insecureSkipVerify?: never;
}

/** Options of {@link ClientTls.simple}. */
export type SimpleClientTlsOptions =
  (VerifiedServer & (AuthoritiesFromFile | FromSecret)) | (UnverifiedServer & { readonly credentialName?: never });

/** Options of {@link ClientTls.mutual}. */
export type MutualClientTlsOptions = (VerifiedServer | UnverifiedServer) & (FromFiles | FromSecret);

/**
 * The TLS settings of client proxies for a host.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings-TLSmode
 */
export class ClientTls {
  /** No TLS: the proxy forwards the application's data unchanged. */
  static readonly DISABLE = new ClientTls('DISABLE');

  /** Mutual TLS of the mesh, with the certificates that Istio issues to both sides. */
  static readonly ISTIO_MUTUAL = new ClientTls('ISTIO_MUTUAL');

  /** Mutual TLS of the mesh, with a server name or identities other than those of the host's workloads. */
  static istioMutual(identity: ServerIdentity): ClientTls {
    return new ClientTls('ISTIO_MUTUAL', identity);
  }

  /** TLS origination: the proxy encrypts the application's plain text, and verifies the server. */
  static simple(options: SimpleClientTlsOptions = {}): ClientTls {
    return new ClientTls('SIMPLE', options);
  }

  /** The proxy also presents a client certificate to the server. */
  static mutual(options: MutualClientTlsOptions): ClientTls {
    return new ClientTls('MUTUAL', options);
  }

  private constructor(
    readonly mode: 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL',
    private readonly options: ServerIdentity & {
      readonly credentialName?: string;
      readonly insecureSkipVerify?: boolean;
    } & Partial<Record<'caCertificates' | 'clientCertificate' | 'privateKey' | 'caCrl', string>> = {},
  ) {}

  /** Whether the proxy encrypts what the application sends in plain text to a host outside the mesh. */
  get originates(): boolean {
    return this.mode === 'SIMPLE' || this.mode === 'MUTUAL';
  }

  /** The settings as the `trafficPolicy.tls` of a DestinationRule. */
  render(): Readonly<Record<string, unknown>> {
    return definedFields({ mode: this.mode, ...this.options });
  }

  /** The problems with the settings, one sentence each. */
  problems(at: string): string[] {
    const { sni, subjectAltNames, credentialName, insecureSkipVerify, ...files } = this.options;
    // With MUTUAL, the Secret contains the client's own certificate, and possibly no CA certificates.
    const authorities = this.mode === 'SIMPLE' ? credentialName : undefined;
    const verified = Object.entries({
      subjectAltNames,
      caCertificates: files.caCertificates,
      credentialName: authorities,
    });
    return [
      ...(sni === undefined ? [] : sniProblem(`${at}.sni`, sni)),
      ...(subjectAltNames?.length === 0
        ? [
            `${at}.subjectAltNames is empty: name at least one, or leave it out to expect the names in the host's ServiceEntry, or the host itself if there are none`,
          ]
        : []),
      ...(credentialName === undefined ? [] : credentialProblem(`${at}.credentialName`, credentialName)),
      ...Object.entries(files).flatMap(([prop, file]) =>
        file === '' ? [`${at}.${prop} is empty: write the path of a file, or leave it out`] : [],
      ),
      ...this.sourceProblems(at),
      ...(insecureSkipVerify ? verified.filter(([, value]) => value !== undefined) : []).map(
        ([prop]) => `${at} has both insecureSkipVerify and ${prop}, which requires verification: leave out one of them`,
      ),
    ];
  }

  // Types already prevent this. The check is for programs in plain JavaScript.
  private sourceProblems(at: string): string[] {
    const { credentialName, caCertificates, clientCertificate, privateKey } = this.options;
    const files = Object.entries({ caCertificates, clientCertificate, privateKey });
    if (credentialName !== undefined) {
      return files
        .filter(([, file]) => file !== undefined)
        .map(([prop]) => `${at} has both credentialName and ${prop}: leave out one of them`);
    }
    const missing = this.mode === 'MUTUAL' ? files.filter(([, file]) => file === undefined) : [];
    return missing
      .filter(([prop]) => prop !== 'caCertificates')
      .map(
        ([prop]) =>
          `${at} has neither credentialName nor ${prop}: set credentialName, or clientCertificate and privateKey`,
      );
  }
}

function sniProblem(what: string, sni: string): string[] {
  return sni.includes('*') ? [`${what} '${sni}' is a wildcard: write one server name`] : hostProblem(what, sni);
}
