import { definedFields } from '../fields';
import type { NamespaceReference } from '../namespaces/namespace-reference';
import { namedObjectProblems, renderNamedObject } from '../traffic/object-reference';
import type { CipherSuite } from '../traffic/server-tls';

/** The Secret of a certificate. */
export interface ListenerCertificate {
  /** Its name. */
  readonly name: string;

  /**
   * Its namespace, as the construct or by name. In another one than the Gateway's, a {@link ReferenceGrant} has to be
   * there.
   *
   * @default - the Gateway's
   */
  readonly namespace?: NamespaceReference;
}

/** Options of {@link ListenerTls}. */
export interface ListenerTlsOptions {
  /** The Secret with the certificate and key; or two of them, with a certificate for RSA and one for ECDSA. */
  readonly certificate: string | ListenerCertificate | readonly [ListenerCertificate, ListenerCertificate];

  /**
   * The cipher suites, for TLS up to 1.2. An option of Istio's.
   *
   * @default - Envoy's
   */
  readonly cipherSuites?: readonly CipherSuite[];
}

const TERMINATE_MODE = 'gateway.istio.io/tls-terminate-mode';
const CIPHER_SUITES = 'gateway.istio.io/tls-cipher-suites';

/**
 * What a listener does with the TLS of its clients.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#listenertlsconfig
 */
export class ListenerTls {
  /** TLS goes on to the workload that the client's SNI names, as a {@link TLSRoute} says. */
  static readonly PASSTHROUGH = new ListenerTls('PASSTHROUGH');

  /** The gateway authenticates with its own certificate. */
  static simple(options: ListenerTlsOptions): ListenerTls {
    return new ListenerTls('SIMPLE', options);
  }

  /**
   * Clients have to show a certificate too, which the key `ca.crt` of the Secret, or the Secret of its name with `-cacert`
   * behind, verifies. An option of Istio's.
   */
  static mutual(options: ListenerTlsOptions): ListenerTls {
    return new ListenerTls('MUTUAL', options);
  }

  /** Clients may show a certificate, which is verified; clients without one are accepted, too. An option of Istio. */
  static optionalMutual(options: ListenerTlsOptions): ListenerTls {
    return new ListenerTls('OPTIONAL_MUTUAL', options);
  }

  /** The gateway proves who it is, with the certificate that Istio gave it. An option of Istio's. */
  static istioSimple(): ListenerTls {
    return new ListenerTls('ISTIO_SIMPLE');
  }

  /** Clients are workloads of the mesh; both sides use the certificates that Istio gave them. An option of Istio's. */
  static istioMutual(): ListenerTls {
    return new ListenerTls('ISTIO_MUTUAL');
  }

  private constructor(
    readonly mode: 'SIMPLE' | 'MUTUAL' | 'OPTIONAL_MUTUAL' | 'ISTIO_SIMPLE' | 'ISTIO_MUTUAL' | 'PASSTHROUGH',
    private readonly options?: ListenerTlsOptions,
  ) {}

  /** Whether the gateway itself ends TLS. */
  get ends(): boolean {
    return this.mode !== 'PASSTHROUGH';
  }

  /** The settings as the `tls` of a listener of a Gateway in a namespace. */
  render(gatewayNamespace: string): Readonly<Record<string, unknown>> {
    if (!this.ends) return { mode: 'Passthrough' };
    const { cipherSuites = [] } = this.options ?? {};
    const options = definedFields({
      [TERMINATE_MODE]: this.mode === 'SIMPLE' ? undefined : this.mode,
      [CIPHER_SUITES]: cipherSuites.length > 0 ? cipherSuites.join(',') : undefined,
    });
    const refs = this.certificates.map((one) => renderNamedObject(one, gatewayNamespace));
    return definedFields({
      mode: 'Terminate',
      certificateRefs: refs.length > 0 ? refs : undefined,
      options: Object.keys(options).length > 0 ? options : undefined,
    });
  }

  /** The problems with the settings, one sentence each. */
  problems(at: string): string[] {
    const { certificates } = this;
    return [
      ...certificates.flatMap((one) => namedObjectProblems(`${at}.certificate`, one)),
      ...(this.options && (certificates.length === 0 || certificates.length > 2)
        ? [`${at}.certificate has ${String(certificates.length)} Secrets: name one, or two for RSA and ECDSA`]
        : []),
    ];
  }

  private get certificates(): readonly ListenerCertificate[] {
    if (!this.options) return [];
    const { certificate } = this.options;
    if (typeof certificate === 'string') return [{ name: certificate }];
    return 'name' in certificate ? [certificate] : certificate;
  }
}
