import { hostProblem } from '../host-name';
import { wholeNumberProblem } from '../number-range';
import { isIpAddress } from '../security/ip-block';

/**
 * What a proxy is asked for that TCP connections are tunneled through.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy-TunnelSettings
 */
export interface Tunnel {
  /** The host, or its IP address, that connections go to in the end. */
  readonly targetHost: string;

  /** Its port, 1 to 65535. */
  readonly targetPort: number;

  /**
   * The method that the proxy is asked with.
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
