import { definedFields } from '../fields';
import type { ListenerCertificate } from './listener-tls';
import type { NamespaceReference } from '../namespaces/namespace-reference';
import { namedObjectProblems, renderNamedObject, type NamedObject } from '../traffic/object-reference';

/** A ConfigMap whose key `ca.crt` contains CA certificates. */
export interface AuthoritiesReference {
  /** Name of the ConfigMap. */
  readonly name: string;

  /**
   * Namespace of the ConfigMap, as the construct or by name. If it is not the Gateway's, it needs a
   * {@link ReferenceGrant}.
   *
   * @default - the Gateway's namespace
   */
  readonly namespace?: NamespaceReference;
}

/**
 * How the HTTPS listeners of a Gateway verify their clients.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#frontendtlsvalidation
 */
export interface ClientValidation {
  /**
   * ConfigMaps with the CA certificates that sign the clients' certificates, 1 to 8. A name refers to the Gateway's
   * namespace.
   */
  readonly authorities: readonly (string | AuthoritiesReference)[];

  /**
   * Whether clients without a certificate, or with an invalid one, are accepted.
   *
   * @default false
   */
  readonly allowInsecureFallback?: boolean;
}

/** TLS settings for all listeners and backends of a Gateway. */
export interface GatewayTlsProps {
  /**
   * How the HTTPS listeners verify their clients.
   *
   * @default - the listeners' own `tls`
   */
  readonly clientValidation?: ClientValidation;

  /**
   * Secret with the client certificate that the Gateway presents to backends with TLS. A BackendTLSPolicy configures
   * these backends.
   *
   * @default - none
   */
  readonly backendCertificate?: string | ListenerCertificate;
}

const MAX_AUTHORITIES = 8;

/** The settings as the `tls` of a Gateway in a namespace; empty without settings. */
export function renderGatewayTls({ clientValidation, backendCertificate }: GatewayTlsProps, gatewayNamespace: string) {
  const reference = (kind: string, given: string | AuthoritiesReference) => ({
    ...{ group: '', kind },
    ...renderNamedObject(namedObject(given), gatewayNamespace),
  });
  const validation = clientValidation && {
    caCertificateRefs: clientValidation.authorities.map((one) => reference('ConfigMap', one)),
    ...(clientValidation.allowInsecureFallback ? { mode: 'AllowInsecureFallback' } : {}),
  };
  const tls = definedFields({
    frontend: validation && { default: { validation } },
    backend:
      backendCertificate === undefined ? undefined : { clientCertificateRef: reference('Secret', backendCertificate) },
  });
  return Object.keys(tls).length > 0 ? tls : undefined;
}

/** The problems with the settings, one sentence each. */
export function gatewayTlsProblems({ clientValidation, backendCertificate }: GatewayTlsProps): string[] {
  const authorities = clientValidation?.authorities ?? [];
  return [
    ...(clientValidation && (authorities.length === 0 || authorities.length > MAX_AUTHORITIES)
      ? [
          `clientValidation.authorities has ${String(authorities.length)} entries: write 1 to ${String(MAX_AUTHORITIES)}`,
        ]
      : []),
    ...authorities.flatMap((one, index) =>
      namedObjectProblems(`clientValidation.authorities[${String(index)}]`, namedObject(one)),
    ),
    ...(backendCertificate === undefined
      ? []
      : namedObjectProblems('backendCertificate', namedObject(backendCertificate))),
  ];
}

function namedObject(given: string | AuthoritiesReference): NamedObject {
  return typeof given === 'string' ? { name: given } : given;
}
