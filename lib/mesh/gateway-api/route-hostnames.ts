import { objectNameProblem } from '../object-name';
import type { RouteParent } from './route-parent';
import { listLimitProblem } from '../size-limit';

/** The problem with a hostname of the Gateway API, if any. A hostname is a domain name, which may start with `*.`. */
export function hostnameProblem(what: string, hostname: string): string[] {
  const name = hostname.startsWith('*.') ? hostname.slice(2) : hostname;
  const address = /^(\d+\.){3}\d+$/.test(name);
  return objectNameProblem(name).length === 0 && !address
    ? []
    : [`${what} '${hostname}' is not a hostname: write a domain name in lower case, optionally with the prefix '*.'`];
}

/** The problems with a route's hostnames, one sentence each. */
export function routeHostnameProblems(hostnames: readonly string[], max: number): string[] {
  return [
    ...hostnames.flatMap((hostname, index) => hostnameProblem(`hostnames[${String(index)}]`, hostname)),
    ...hostnames
      .filter((hostname, index) => hostnames.indexOf(hostname) < index)
      .map((hostname) => `hostnames has '${hostname}' twice: remove the duplicate`),
    ...listLimitProblem('hostnames', hostnames, max, ', and put the others into further routes'),
  ];
}

/** Likely mistakes in the hostnames of requests, one sentence each. */
export function routeHostnameWarnings(hostnames: readonly string[], parents: readonly RouteParent[]): string[] {
  return hostnames.length > 0 && parents.every(({ isMesh }) => isMesh)
    ? ['hostnames only applies at gateways, and sidecars ignore it: leave it out, or name a Gateway in parents']
    : [];
}
