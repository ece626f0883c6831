import type { Duration } from 'cdk8s';
import type { Destination } from './destination';
import { durationProblem, istioDuration } from './istio-duration';
import type { Match } from './match';
import type { RetryOn } from './retry-on';

/**
 * How often, and after what, a proxy tries a request again.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry
 */
export interface Retries {
  /** Tries after the first one; 0 turns retries off. */
  readonly attempts: number;

  /**
   * Time that each try has, the first one included.
   *
   * @default - the route's timeout
   */
  readonly perTryTimeout?: Duration;

  /**
   * What is tried again.
   *
   * @default - Istio's: connection failures, refused streams, gRPC's unavailable and cancelled, and status 503
   */
  readonly on?: readonly RetryOn[];
}

/**
 * Where some of the requests to a host go, and how.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute
 */
export interface TrafficRoute {
  /**
   * The requests that the route is for: those that satisfy at least one of the matches.
   *
   * @default - all that no earlier route took
   */
  readonly match?: readonly Match[];

  /** Where they go; with several destinations, each has a weight. */
  readonly to: readonly Destination[];

  /**
   * Time for the response, all tries included.
   *
   * @default - Istio's: no limit
   */
  readonly timeout?: Duration;

  /**
   * How often, and after what, a proxy tries again.
   *
   * @default - Istio's: 2 more tries
   */
  readonly retries?: Retries;
}

/** A route as an entry of a VirtualService's `http`. */
export function renderRoute(route: TrafficRoute, host: string): Readonly<Record<string, unknown>> {
  const { match = [], to, timeout, retries } = route;
  return {
    ...(match.length > 0 ? { match: match.map((one) => one.render()) } : {}),
    route: to.map((destination) => destination.render(host)),
    ...(timeout ? { timeout: istioDuration(timeout) } : {}),
    ...(retries ? { retries: renderRetries(retries) } : {}),
  };
}

/** What is wrong with a list of routes, one sentence each. */
export function routeProblems(routes: readonly TrafficRoute[], subsets: readonly string[]): string[] {
  const problems: string[] = [];
  const catchAll = routes.findIndex(({ match = [] }) => match.length === 0);
  if (catchAll >= 0 && catchAll < routes.length - 1) {
    problems.push(
      `routes[${String(catchAll)}] has no match and takes every request, so routes[${String(catchAll + 1)}] is never reached: move routes[${String(catchAll)}] to the end`,
    );
  }
  routes.forEach((route, index) => {
    const at = `routes[${String(index)}]`;
    problems.push(
      ...(route.match ?? []).flatMap((match) => match.problems()).map((problem) => `${at}.match: ${problem}`),
      ...destinationProblems(`${at}.to`, route.to, subsets),
      ...timeProblems(at, route),
    );
  });
  return problems;
}

function renderRetries({ attempts, perTryTimeout, on = [] }: Retries): Readonly<Record<string, unknown>> {
  return {
    attempts,
    ...(perTryTimeout ? { perTryTimeout: istioDuration(perTryTimeout) } : {}),
    ...(on.length > 0 ? { retryOn: on.join(',') } : {}),
  };
}

function destinationProblems(at: string, to: readonly Destination[], subsets: readonly string[]): string[] {
  if (to.length === 0) return [`${at} is empty: name at least one destination, such as Destination.host()`];
  const problems: string[] = [];
  for (const { subset, port, weight } of to) {
    if (subset !== undefined && !subsets.includes(subset)) {
      const defined = subsets.length > 0 ? `one of ${subsets.map((name) => `'${name}'`).join(', ')}` : 'none yet';
      problems.push(
        `${at} names subset '${subset}', which subsets does not define (${defined}): define it, or write another`,
      );
    }
    if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
      problems.push(`${at} names port ${String(port)}, which is not a port: write a whole number from 1 to 65535`);
    }
    if (weight !== undefined && !(Number.isInteger(weight) && weight >= 0 && weight <= 100)) {
      problems.push(`${at} has weight ${String(weight)}: write a whole number from 0 to 100`);
    }
  }
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

function timeProblems(at: string, { timeout, retries }: TrafficRoute): string[] {
  const problems = durationProblem(`${at}.timeout`, timeout);
  if (!retries) return problems;
  const { attempts, perTryTimeout, on = [] } = retries;
  problems.push(...durationProblem(`${at}.retries.perTryTimeout`, perTryTimeout));
  if (!Number.isInteger(attempts) || attempts < 0) {
    problems.push(`${at}.retries.attempts ${String(attempts)} is out of range: write a whole number from 0 on`);
  }
  if (attempts === 0 && (perTryTimeout ?? on.length > 0)) {
    problems.push(`${at}.retries.attempts 0 turns retries off: leave out perTryTimeout and on, or allow attempts`);
  }
  if (timeout && perTryTimeout && milliseconds(perTryTimeout) > milliseconds(timeout)) {
    problems.push(
      `${at}.retries.perTryTimeout ${istioDuration(perTryTimeout)} is above ${at}.timeout ${istioDuration(timeout)}: lower the former or raise the latter`,
    );
  }
  return problems;
}

function milliseconds(duration: Duration): number {
  return duration.toMilliseconds({ integral: false });
}
