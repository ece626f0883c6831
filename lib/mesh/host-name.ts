import { isIpAddress } from './security/ip-block';

const LABEL = '[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?';
// The last of several labels is no number: an address is not a host.
const HOST = new RegExp(`^(?=.{1,255}$)(\\*|(\\*-?)?${LABEL})(\\.${LABEL})*\\.?$`);
const NUMBER_BEHIND_DOT = /\.\d+$/;

/** The problem with a host: a Service's name, or a domain name, which may start with `*`; or nothing. */
export function hostProblem(what: string, host: string): string[] {
  return HOST.test(host) && !NUMBER_BEHIND_DOT.test(host)
    ? []
    : [`${what} '${host}' is not a host: write a Service's name or a domain name, without port`];
}

// What sidecars name in the handshake for a gateway that passes TLS on: outbound_.PORT_.SUBSET_.HOST
const HOST_OF_HANDSHAKE = /^outbound_\.\d+_\.[-A-Za-z0-9]*_\.[A-Za-z][-A-Za-z0-9.]*$/;

/** Whether a host is one that sidecars name in handshakes alone, made of a port, a subset and a Service's host. */
export function isHostOfHandshake(host: string): boolean {
  return host.length <= 255 && HOST_OF_HANDSHAKE.test(host);
}

/** The problem with what clients name: a host, or an IP address; or nothing. */
export function requestedHostProblem(what: string, host: string): string[] {
  return isIpAddress(host) ? [] : hostProblem(what, host);
}
