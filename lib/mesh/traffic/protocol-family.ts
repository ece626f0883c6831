/** A family of protocols of a Gateway's servers. All servers on a port must use protocols of the same family. */
export type ProtocolFamily = 'HTTP' | 'TLS' | 'TCP';

const HTTP: readonly string[] = ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB'];
const TLS: readonly string[] = ['HTTPS', 'TLS'];
const TCP: readonly string[] = ['TCP', 'MONGO', 'MYSQL', 'REDIS'];

/** The protocols of a Gateway's servers. */
export const GATEWAY_PROTOCOLS: readonly string[] = [...HTTP, ...TLS, ...TCP];

/** The family of a protocol; undefined for a protocol that Gateways do not support. */
export function protocolFamily(protocol: string): ProtocolFamily | undefined {
  if (HTTP.includes(protocol)) return 'HTTP';
  if (TLS.includes(protocol)) return 'TLS';
  return TCP.includes(protocol) ? 'TCP' : undefined;
}
