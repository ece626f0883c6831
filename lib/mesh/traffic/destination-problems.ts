import type { Destination } from './destination';
import { headerChangeProblems } from './header-changes';
import { hostProblem } from '../host-name';
import type { Mirror } from './mirror';
import { labelNameProblem } from '../object-name';

/** What of a policy its routes refer to. */
export interface RouteSurroundings {
  readonly host: string;
  readonly subsets: readonly string[];

  /** The gateways, by their names in full; none of those of the policy that delegates. */
  readonly gateways: readonly string[];
  readonly namespace: string;

  /** Whether other policies delegate to the routes. */
  readonly delegated: boolean;
}

/** What is wrong with where requests or copies of them go, one sentence each. */
export function targetProblems(
  at: string,
  target: Destination | Mirror,
  { host, subsets }: RouteSurroundings,
): string[] {
  const problems: string[] = [];
  const { subset, port } = target;
  if (target.host !== undefined) {
    problems.push(
      ...(target.host === '*'
        ? [`${at} goes to host '*', which is none: write the name of a Service, or a domain name`]
        : hostProblem(`${at} host`, target.host)),
      ...(subset === undefined ? [] : labelNameProblem(`${at} subset`, subset)),
    );
  } else if (host === '*') {
    problems.push(`${at} goes to host '*', which is none: write Destination.otherHost(…) or Mirror.toHost(…)`);
  } else if (subset !== undefined && !subsets.includes(subset)) {
    const defined = subsets.length > 0 ? `one of ${subsets.map((name) => `'${name}'`).join(', ')}` : 'none yet';
    problems.push(
      `${at} names subset '${subset}', which subsets does not define (${defined}): define it, or write another`,
    );
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
    problems.push(`${at} names port ${String(port)}, which is not a port: write a whole number from 1 to 65535`);
  }
  return problems;
}

/** What is wrong with a route's destinations, one sentence each. */
export function destinationProblems(at: string, to: readonly Destination[], surroundings: RouteSurroundings): string[] {
  if (to.length === 0) return [`${at} is empty: name at least one destination, such as Destination.host()`];
  const problems: string[] = [];
  to.forEach((destination, index) => {
    const { weight, headers } = destination;
    problems.push(...targetProblems(at, destination, surroundings));
    problems.push(...headerChangeProblems(`${at}[${String(index)}].headers`, headers));
    if (weight !== undefined && !(Number.isInteger(weight) && weight >= 0 && weight <= 100)) {
      problems.push(`${at} has weight ${String(weight)}: write a whole number from 0 to 100`);
    }
  });
  if (problems.length > 0) return problems;
  const weights = to.map(({ weight }) => weight);
  const given = weights.filter((weight) => weight !== undefined);
  if (to.length > 1 && given.length < to.length) {
    return [
      `${at} has ${String(to.length)} destinations, ${String(to.length - given.length)} of them without a weight: give each one`,
    ];
  }
  const sum = given.reduce((total, weight) => total + weight, 0);
  return given.length === 0 || sum === 100
    ? []
    : [`${at} has weights ${given.join(' + ')} = ${String(sum)}: change them to add up to 100`];
}
