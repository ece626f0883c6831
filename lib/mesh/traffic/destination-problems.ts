import type { Destination } from './destination';
import { headerChangeProblems } from './header-changes';
import { hostProblem } from '../host-name';
import type { Mirror } from './mirror';
import { serviceKindProblem } from '../namespaces/service-reference';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';
import { isIpAddress } from '../security/ip-block';

/** The parts of a policy to which its routes refer. */
export interface RouteSurroundings {
  /** The policy's own host; empty if it has none. */
  readonly host: string;
  readonly subsets: readonly string[];

  /** Full names of the policy's own gateways. Gateways of a policy that delegates to this one are not included. */
  readonly gateways: readonly string[];
  readonly namespace: string;

  /** Whether other policies delegate to the routes. */
  readonly delegated: boolean;
}

/** The problems with the targets of requests or of their copies, one sentence each. */
export function targetProblems(
  at: string,
  target: Destination | Mirror,
  { host, subsets }: RouteSurroundings,
): string[] {
  const problems: string[] = [];
  const { subset, port, otherHost } = target;
  if (target.host !== undefined) {
    problems.push(
      ...(otherHost === undefined ? [] : serviceKindProblem(`${at} host`, otherHost)),
      ...(target.host === '*'
        ? [`${at} goes to host '*', which is not a host: write the name of a Service, or a domain name`]
        : hostProblem(`${at} host`, target.host)),
      ...(subset === undefined ? [] : labelNameProblem(`${at} subset`, subset)),
    );
  } else if (host === '') {
    problems.push(
      `${at} goes to the policy's host, but the policy has none: write Destination.otherHost(…) or Mirror.toHost(…)`,
    );
  } else if (host === '*' || isIpAddress(host)) {
    problems.push(
      `${at} goes to host '${host}', which is ${host === '*' ? 'not a host' : 'an IP address'}: write Destination.otherHost(…) or Mirror.toHost(…)`,
    );
  } else if (subset !== undefined && !subsets.includes(subset)) {
    const defined =
      subsets.length > 0 ? `it defines ${subsets.map((name) => `'${name}'`).join(', ')}` : 'it defines none';
    problems.push(
      `${at} names subset '${subset}', which the prop subsets does not define (${defined}): define it, or write another`,
    );
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
    problems.push(`${at} names port ${String(port)}, which is not a port: write a whole number from 1 to 65535`);
  }
  return problems;
}

/** Likely mistakes in a route's weights, one sentence each. */
export function weightWarnings(at: string, to: readonly Destination[]): string[] {
  const given = to.map(({ weight }) => weight).filter((weight) => weight !== undefined);
  if (given.length === 0) return [];
  const sum = given.reduce((total, weight) => total + weight, 0);
  if (to.length === 1 && given.length === 1 && sum !== 100) {
    return [
      `${at} has one destination, which gets every request: leave out its weight ${String(sum)}, or add another destination`,
    ];
  }
  return sum !== 100 && sum >= 90 && sum <= 110
    ? [
        `${at} has weights ${given.join(' + ')} = ${String(sum)}, and each weight is a share of that sum: make the sum 100 if they are percentages`,
      ]
    : [];
}

// istiod adds up weights as 32-bit numbers.
const MAX_SUM = 2 ** 31 - 1;

/** The problems with a route's destinations, one sentence each. */
export function destinationProblems(at: string, to: readonly Destination[], surroundings: RouteSurroundings): string[] {
  if (to.length === 0) return [`${at} is empty: name at least one destination, such as Destination.host()`];
  const problems: string[] = [];
  to.forEach((destination, index) => {
    const { weight, headers } = destination;
    problems.push(...targetProblems(at, destination, surroundings));
    problems.push(...headerChangeProblems(`${at}[${String(index)}].headers`, headers));
    problems.push(...wholeNumberProblem(`${at}[${String(index)}].weight`, weight, 0));
  });
  if (problems.length > 0) return problems;
  const weights = to.map(({ weight }) => weight);
  const given = weights.filter((weight) => weight !== undefined);
  if (to.length > 1 && given.length < to.length) {
    return [
      `${at} has ${String(to.length)} destinations, ${String(to.length - given.length)} of them without a weight: give each a weight`,
    ];
  }
  const sum = given.reduce((total, weight) => total + weight, 0);
  if (to.length > 1 && sum === 0)
    return [`${at} has no weight above 0, so no destination gets requests: raise one of them`];
  return sum > MAX_SUM
    ? [
        `${at} has weights that add up to ${String(sum)}: write weights with a sum of at most ${String(MAX_SUM)}, in the same proportion`,
      ]
    : [];
}
