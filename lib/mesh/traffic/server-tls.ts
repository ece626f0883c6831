import { definedFields } from '../fields';
import { credentialProblem, objectReferenceProblem } from './object-reference';

/** A version of TLS. */
export type TlsVersion = 'TLSV1_0' | 'TLSV1_1' | 'TLSV1_2' | 'TLSV1_3';

/** A cipher suite for TLS up to 1.2, by its OpenSSL name. The cipher suites of TLS 1.3 cannot be configured. */
export type CipherSuite =
  | 'ECDHE-ECDSA-AES128-GCM-SHA256'
  | 'ECDHE-RSA-AES128-GCM-SHA256'
  | 'ECDHE-ECDSA-AES256-GCM-SHA384'
  | 'ECDHE-RSA-AES256-GCM-SHA384'
  | 'ECDHE-ECDSA-CHACHA20-POLY1305'
  | 'ECDHE-RSA-CHACHA20-POLY1305'
  | 'ECDHE-ECDSA-AES128-SHA'
  | 'ECDHE-RSA-AES128-SHA'
  | 'ECDHE-ECDSA-AES256-SHA'
  | 'ECDHE-RSA-AES256-SHA'
  | 'AES128-GCM-SHA256'
  | 'AES256-GCM-SHA384'
  | 'AES128-SHA'
  | 'AES256-SHA'
  | 'DES-CBC3-SHA';

/** TLS versions and cipher suites of a gateway that terminates TLS. */
export interface TlsParameters {
  /**
   * Minimum TLS version. A version before 1.2 needs `cipherSuites`, because Envoy's default cipher suites do not
   * support it.
   *
   * @default - Envoy's: TLSV1_2
   */
  readonly minProtocolVersion?: TlsVersion;

  /**
   * Maximum TLS version.
   *
   * @default - Envoy's: TLSV1_3
   */
  readonly maxProtocolVersion?: TlsVersion;

  /**
   * The cipher suites, for TLS up to 1.2.
   *
   * @default - Envoy's
   */
  readonly cipherSuites?: readonly CipherSuite[];
}

/** A certificate and its private key, in files in the gateway's container. */
export interface CertificateFiles {
  /** Path of the file with the certificate. */
  readonly serverCertificate: string;

  /** Path of the file with the private key. */
  readonly privateKey: string;
}

/** Certificates in Secrets. */
export interface CertificatesFromSecrets {
  /**
   * Name of the Secret with the server's certificate and key, in the namespace of the gateway's pods; or the names of
   * two Secrets, one with an RSA certificate and one with an ECDSA certificate.
   */
  readonly credentialName: string | readonly [string, string];

  readonly files?: never;
}

/** Certificates in files in the gateway's container. */
export interface CertificatesFromFiles {
  /** The server's certificate and key; or two pairs, one with an RSA certificate and one with an ECDSA certificate. */
  readonly files: CertificateFiles | readonly [CertificateFiles, CertificateFiles];

  readonly credentialName?: never;
}

/** Options of {@link ServerTls.simple}. */
export type SimpleTlsOptions = TlsParameters & (CertificatesFromSecrets | CertificatesFromFiles);

/** Which client certificates a gateway accepts. */
export interface ClientVerification {
  /**
   * Name of the Secret with the CA certificates of accepted clients, in the namespace of the gateway's pods; or a
   * ConfigMap, as `configmap://NAMESPACE/NAME`.
   *
   * @default - the key `ca.crt` of the Secret `credentialName`, or a Secret of the same name with the suffix `-cacert`
   */
  readonly caCertCredentialName?: string;

  /**
   * Subject alternative names of clients. A client's certificate must contain one of them.
   *
   * @default - any client with a certificate from these CAs
   */
  readonly subjectAltNames?: readonly string[];

  /**
   * Base64-encoded SHA-256 hashes of the public keys (SPKI) of client certificates. A client's certificate must match
   * one of them.
   *
   * @default - any
   */
  readonly verifyCertificateSpki?: readonly string[];

  /**
   * Hex-encoded SHA-256 hashes of client certificates. A client's certificate must match one of them.
   *
   * @default - any
   */
  readonly verifyCertificateHash?: readonly string[];
}

/** The CA certificates of clients, in a file in the gateway's container. */
export interface ClientAuthoritiesFromFile {
  /** Path of the file with the CA certificates of accepted clients. */
  readonly caCertificates: string;

  /**
   * Path of the file with the certificate revocation list (CRL).
   *
   * @default - none; revocation is not checked
   */
  readonly caCrl?: string;
}

/** Options of {@link ServerTls.mutual} and {@link ServerTls.optionalMutual}. */
export type MutualTlsOptions = TlsParameters &
  ClientVerification &
  (CertificatesFromSecrets | (CertificatesFromFiles & ClientAuthoritiesFromFile));

const CONFIG_MAP = /^configmap:\/\/[^/]+\//;

type Options = TlsParameters &
  ClientVerification &
  Partial<ClientAuthoritiesFromFile> & {
    readonly credentialName?: CertificatesFromSecrets['credentialName'];
    readonly files?: CertificatesFromFiles['files'];
  };

const VERSIONS: readonly TlsVersion[] = ['TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3'];

/**
 * The TLS settings of a gateway's server.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings-TLSmode
 */
export class ServerTls {
  /** Passes TLS through to the workload that `tlsRoutes` select by the client's SNI. */
  static readonly PASSTHROUGH = new ServerTls('PASSTHROUGH');

  /**
   * Passes TLS through to the Service that the client's SNI names, without routes. For traffic between the clusters of
   * a mesh.
   */
  static readonly AUTO_PASSTHROUGH = new ServerTls('AUTO_PASSTHROUGH');

  /** Terminates TLS with the gateway's certificate. Clients need no certificate. */
  static simple(options: SimpleTlsOptions): ServerTls {
    return new ServerTls('SIMPLE', options);
  }

  /** Terminates TLS. Clients must present a certificate. */
  static mutual(options: MutualTlsOptions): ServerTls {
    return new ServerTls('MUTUAL', options);
  }

  /** Terminates TLS. If a client presents a certificate, it is verified; clients without one are also accepted. */
  static optionalMutual(options: MutualTlsOptions): ServerTls {
    return new ServerTls('OPTIONAL_MUTUAL', options);
  }

  /**
   * Terminates mutual TLS of the mesh. Clients are workloads of the mesh, and both sides use certificates that Istio
   * issued.
   */
  static istioMutual(options: TlsParameters = {}): ServerTls {
    return new ServerTls('ISTIO_MUTUAL', options);
  }

  private constructor(
    readonly mode: 'PASSTHROUGH' | 'AUTO_PASSTHROUGH' | 'SIMPLE' | 'MUTUAL' | 'OPTIONAL_MUTUAL' | 'ISTIO_MUTUAL',
    private readonly options: Options = {},
  ) {}

  /** Whether the gateway itself terminates TLS. */
  get ends(): boolean {
    return this.mode !== 'PASSTHROUGH' && this.mode !== 'AUTO_PASSTHROUGH';
  }

  /** The settings as the `tls` of a Gateway's server. */
  render(): Readonly<Record<string, unknown>> {
    const { credentialName, files, ...same } = this.options;
    return definedFields({
      mode: this.mode,
      ...(files && 'privateKey' in files ? files : { tlsCertificates: files }),
      ...(typeof credentialName === 'string' ? { credentialName } : { credentialNames: credentialName }),
      ...same,
    });
  }

  /** The problems with the settings, one sentence each. */
  problems(at: string): string[] {
    const { credentialName, caCertCredentialName, subjectAltNames } = this.options;
    const names = typeof credentialName === 'string' ? [credentialName] : (credentialName ?? []);
    return [
      ...names.flatMap((name) => credentialProblem(`${at}.credentialName`, name)),
      ...this.fileProblems(at),
      ...(names.length === 2 && names[0] === names[1]
        ? [`${at}.credentialName has '${names[0]}' twice: remove the duplicate`]
        : []),
      ...(caCertCredentialName === undefined
        ? []
        : objectReferenceProblem(`${at}.caCertCredentialName`, caCertCredentialName.replace(CONFIG_MAP, ''))),
      ...(subjectAltNames?.length === 0
        ? [`${at}.subjectAltNames is empty: name at least one, or leave it out to accept any client`]
        : []),
      ...parameterProblems(at, this.options),
    ];
  }

  private fileProblems(at: string): string[] {
    const { credentialName, files, caCertificates, caCrl } = this.options;
    const pairs = files === undefined ? [] : 'privateKey' in files ? [files] : files;
    const named = pairs.flatMap((pair, index) =>
      Object.entries<string>({ ...pair }).map(
        ([prop, file]) => [`files${pairs.length > 1 ? `[${String(index)}]` : ''}.${prop}`, file] as const,
      ),
    );
    const given = [...named, ...Object.entries({ caCertificates, caCrl })];
    return [
      ...given.filter(([, file]) => file === '').map(([prop]) => `${at}.${prop} is empty: write the path of a file`),
      ...(credentialName !== undefined && files
        ? [`${at} has both credentialName and files: leave out one of them`]
        : []),
      ...(this.ends && this.mode !== 'ISTIO_MUTUAL' && credentialName === undefined && !files
        ? [`${at} has neither credentialName nor files: set one of them`]
        : []),
      ...((this.mode === 'MUTUAL' || this.mode === 'OPTIONAL_MUTUAL') && files && caCertificates === undefined
        ? [`${at} has files but no caCertificates, which the gateway needs to verify clients: set it`]
        : []),
    ];
  }
}

function parameterProblems(at: string, parameters: TlsParameters): string[] {
  const { minProtocolVersion: min = 'TLSV1_2', maxProtocolVersion: max = 'TLSV1_3', cipherSuites = [] } = parameters;
  const problems: string[] = [];
  if (VERSIONS.indexOf(min) > VERSIONS.indexOf(max)) {
    problems.push(
      `${at}.maxProtocolVersion ${max} is below minProtocolVersion ${min}: raise the former or lower the latter`,
    );
  }
  if (VERSIONS.indexOf(min) < VERSIONS.indexOf('TLSV1_2') && cipherSuites.length === 0) {
    problems.push(
      `${at}.minProtocolVersion ${min} is not supported by Envoy's default cipher suites: set cipherSuites, or write 'TLSV1_2'`,
    );
  }
  if (min === 'TLSV1_3' && cipherSuites.length > 0) {
    problems.push(`${at}.cipherSuites are for TLS up to 1.2, but minProtocolVersion is TLSV1_3: leave out one of them`);
  }
  const twice = cipherSuites.filter((suite, index) => cipherSuites.indexOf(suite) < index);
  return [
    ...problems,
    ...[...new Set(twice)].map((suite) => `${at}.cipherSuites has ${suite} twice: remove the duplicate`),
  ];
}
