import { definedFields } from '../fields';
import type { NamespaceReference } from '../namespaces/namespace-reference';
import { namedObjectProblems, renderNamedObject } from '../traffic/object-reference';
import type { CipherSuite } from '../traffic/server-tls';

/** A Secret with a certificate. */
export interface ListenerCertificate {
  /** Name of the Secret. */
  readonly name: string;

  /**
   * Namespace of the Secret, as the construct or by name. If it is not the Gateway's, it needs a
   * {@link ReferenceGrant}.
   *
   * @default - the Gateway's namespace
   */
  readonly namespace?: NamespaceReference;
}

/** Options of {@link ListenerTls}. */
export interface ListenerTlsOptions {
  /**
   * The Secret with the certificate and key; or two Secrets, one with an RSA certificate and one with an ECDSA
   * certificate.
   */
  readonly certificate: string | ListenerCertificate | readonly [ListenerCertificate, ListenerCertificate];

  /**
   * The cipher suites, for TLS up to 1.2. This is an Istio-specific option.
   *
   * @default - Envoy's
   */
  readonly cipherSuites?: readonly CipherSuite[];
}

const TERMINATE_MODE = 'gateway.istio.io/tls-terminate-mode';
const CIPHER_SUITES = 'gateway.istio.io/tls-cipher-suites';

/**
 * The TLS settings of a listener.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#listenertlsconfig
 */
export class ListenerTls {
  /** Passes TLS through to the workload that a {@link TLSRoute} selects by the client's SNI. */
  static readonly PASSTHROUGH = new ListenerTls('PASSTHROUGH');

  /** Terminates TLS with the gateway's certificate. Clients need no certificate. */
  static simple(options: ListenerTlsOptions): ListenerTls {
    return new ListenerTls('SIMPLE', options);
  }

  /**
   * Terminates TLS. Clients must present a certificate, which is verified with the key `ca.crt` of the Secret, or with
   * a Secret of the same name with the suffix `-cacert`. This is an Istio-specific option.
   */
  static mutual(options: ListenerTlsOptions): ListenerTls {
    return new ListenerTls('MUTUAL', options);
  }

  /**
   * Terminates TLS. If a client presents a certificate, it is verified; clients without one are also accepted. This is
   * an Istio-specific option.
   */
  static optionalMutual(options: ListenerTlsOptions): ListenerTls {
    return new ListenerTls('OPTIONAL_MUTUAL', options);
  }

  /**
   * Terminates TLS with the certificate that Istio issues to the gateway. Clients need no certificate. This is an
   * Istio-specific option.
   */
  static istioSimple(): ListenerTls {
    return new ListenerTls('ISTIO_SIMPLE');
  }

  /**
   * Terminates mutual TLS of the mesh. Clients are workloads of the mesh, and both sides use certificates that Istio
   * issued. This is an Istio-specific option.
   */
  static istioMutual(): ListenerTls {
    return new ListenerTls('ISTIO_MUTUAL');
  }

  private constructor(
    readonly mode: 'SIMPLE' | 'MUTUAL' | 'OPTIONAL_MUTUAL' | 'ISTIO_SIMPLE' | 'ISTIO_MUTUAL' | 'PASSTHROUGH',
    private readonly options?: ListenerTlsOptions,
  ) {}

  /** Whether the gateway itself terminates TLS. */
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
