/**
 * A version of the PROXY protocol: V1 is text, V2 is binary.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy-ProxyProtocol
 */
export type ProxyProtocolVersion = 'V1' | 'V2';

/** The version as a field of a DestinationRule's `trafficPolicy`. */
export function proxyProtocolFields(version: ProxyProtocolVersion | undefined): Readonly<Record<string, unknown>> {
  return version === undefined ? {} : { proxyProtocol: { version } };
}
