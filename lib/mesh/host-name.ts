import { isIpAddress } from './security/ip-block';

const LABEL = '[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?';
const HOST = new RegExp(`^(?=.{1,255}$)(\\*|(\\*-?)?${LABEL})(\\.${LABEL})*\\.?$`);
// The last of several labels must not be a number, because an IP address is not a host.
const NUMBER_BEHIND_DOT = /\.\d+$/;

/** The problem with a host, if any. A host is the name of a Service, or a domain name, which may start with `*`. */
export function hostProblem(what: string, host: string): string[] {
  return HOST.test(host) && !NUMBER_BEHIND_DOT.test(host)
    ? []
    : [`${what} '${host}' is not a host: write the name of a Service or a domain name, without a port`];
}

// The SNI that sidecars send to a gateway that passes TLS through: outbound_.PORT_.SUBSET_.HOST
const HOST_OF_HANDSHAKE = /^outbound_\.\d+_\.[-A-Za-z0-9]*_\.[A-Za-z][-A-Za-z0-9.]*$/;

/** Whether a host occurs only as the SNI of sidecars. It consists of a port, a subset and the host of a Service. */
export function isHostOfHandshake(host: string): boolean {
  return host.length <= 255 && HOST_OF_HANDSHAKE.test(host);
}

/** The problem with a host or an IP address that clients request, if any. */
export function requestedHostProblem(what: string, host: string): string[] {
  return isIpAddress(host) ? [] : hostProblem(what, host);
}
