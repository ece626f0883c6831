import { definedFields } from '../fields';
import type { ListenerCertificate } from './listener-tls';
import type { NamespaceReference } from '../namespaces/namespace-reference';
import { namedObjectProblems, renderNamedObject, type NamedObject } from '../traffic/object-reference';

/** A ConfigMap whose key `ca.crt` holds certificates of authorities. */
export interface AuthoritiesReference {
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

/**
 * How the HTTPS listeners of a Gateway verify their clients.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#frontendtlsvalidation
 */
export interface ClientValidation {
  /** The ConfigMaps with the authorities that sign the clients' certificates, 1 to 8; by name those of the Gateway. */
  readonly authorities: readonly (string | AuthoritiesReference)[];

  /**
   * Whether clients are let in that show no certificate, or one that is not valid.
   *
   * @default false
   */
  readonly allowInsecureFallback?: boolean;
}

/** What a Gateway says about TLS for all of its listeners and backends. */
export interface GatewayTlsProps {
  /**
   * How its HTTPS listeners verify their clients.
   *
   * @default - as the listeners' own `tls` says
   */
  readonly clientValidation?: ClientValidation;

  /**
   * The Secret with the certificate that the Gateway shows to backends with TLS, as a BackendTLSPolicy says which have it.
   *
   * @default - none
   */
  readonly backendCertificate?: string | ListenerCertificate;
}

const MAX_AUTHORITIES = 8;

/** The settings as the `tls` of a Gateway in a namespace; nothing without any. */
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
