import { hostProblem } from '../host-name';
import { wholeNumberProblem } from '../number-range';
import { isIpAddress } from '../security/ip-block';

/**
 * Settings of a tunnel for TCP connections through a proxy.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy-TunnelSettings
 */
export interface Tunnel {
  /** Final destination of the connections, as a host or an IP address. */
  readonly targetHost: string;

  /** Port of the final destination, 1 to 65535. */
  readonly targetPort: number;

  /**
   * HTTP method with which the tunnel is requested.
   *
   * @default 'CONNECT'
   */
  readonly protocol?: 'CONNECT' | 'POST';
}

/** The problems with a tunnel, one sentence each. */
export function tunnelProblems(at: string, { targetHost, targetPort }: Tunnel): string[] {
  return [
    ...(isIpAddress(targetHost)
      ? []
      : targetHost.includes('*')
        ? [`${at}.targetHost '${targetHost}' is a wildcard: write one host`]
        : hostProblem(`${at}.targetHost`, targetHost)),
    ...wholeNumberProblem(`${at}.targetPort`, targetPort, 1, 65535),
  ];
}
