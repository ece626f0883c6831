import { corsPolicyProblems } from './cors-policy';
import type { Destination } from './destination';
import { MESH_GATEWAY } from './gateway-name';
import { headerChangeProblems, hostsSetBy } from './header-changes';
import { hostProblem } from '../host-name';
import { durationProblem, istioDuration } from '../istio-duration';
import type { Mirror } from './mirror';
import { percentProblem, wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';
import { redirectProblems } from './redirect';
import { rewriteProblems } from './rewrite';
import { mirrorsOf, type DirectResponse, type ForwardingRoute, type TrafficRoute } from './traffic-route';
import { unreachableProblems } from './unreachable-routes';

/** What of a policy its routes refer to. */
export interface RouteSurroundings {
  readonly host: string;
  readonly subsets: readonly string[];
  readonly gateways: readonly string[];
}

const FORWARDING = ['to', 'timeout', 'retries', 'rewrite', 'mirror', 'fault', 'directResponse'] as const;
const MAX_BODY = 100_000;

/** What is wrong with a list of routes, one sentence each. */
export function routeProblems(routes: readonly TrafficRoute[], surroundings: RouteSurroundings): string[] {
  const names = routes.map(({ name }) => name);
  return [
    ...unreachableProblems(routes),
    ...routes.flatMap((route, index) => {
      const at = `routes[${String(index)}]`;
      const first = names.indexOf(route.name);
      return [
        ...(route.name !== undefined && first < index
          ? [`${at}.name '${route.name}' is that of routes[${String(first)}] already: write another`]
          : []),
        ...(route.name === '' ? [`${at}.name is empty: write one, or leave it out`] : []),
        ...matchProblems(`${at}.match`, route, surroundings),
        ...(route.headers ? headerChangeProblems(`${at}.headers`, route.headers) : []),
        ...(route.cors ? corsPolicyProblems(`${at}.cors`, route.cors) : []),
        ...actionProblems(at, route, surroundings),
      ];
    }),
  ];
}

function matchProblems(at: string, { match = [] }: TrafficRoute, { gateways }: RouteSurroundings): string[] {
  const known = gateways.length > 0 ? gateways : [MESH_GATEWAY];
  return match.flatMap((one) => {
    const { gateways: named = [], headers = {}, withoutHeaders = {} } = one.conditions;
    const claims = [...Object.keys(headers), ...Object.keys(withoutHeaders)].filter((name) => name.startsWith('@'));
    return [
      ...one.problems().map((problem) => `${at}: ${problem}`),
      ...named
        .filter((gateway) => !known.includes(gateway))
        .map((gateway) => `${at}: gateway '${gateway}' is not one of the policy's: add it to the prop gateways`),
      ...(known.includes(MESH_GATEWAY) ? claims : []).map(
        (name) => `${at}: '${name}' is known at gateways alone: set the prop gateways, without '${MESH_GATEWAY}'`,
      ),
    ];
  });
}

function actionProblems(at: string, route: TrafficRoute, surroundings: RouteSurroundings): string[] {
  if (route.redirect) {
    return [
      ...excluded(at, 'redirect', route),
      ...redirectProblems(`${at}.redirect`, route.redirect, route.match ?? []),
    ];
  }
  if (route.directResponse) {
    return [
      ...excluded(at, 'directResponse', route),
      ...directResponseProblems(`${at}.directResponse`, route.directResponse),
    ];
  }
  const { rewrite, fault, headers = {} } = route;
  const hosts = [...(rewrite?.authority === undefined ? [] : [rewrite.authority]), ...hostsSetBy(headers)];
  return [
    ...destinationProblems(`${at}.to`, route.to, surroundings),
    ...timeProblems(at, route),
    ...(rewrite ? rewriteProblems(`${at}.rewrite`, rewrite) : []),
    ...mirrorsOf(route).flatMap((mirror) => mirrorProblems(`${at}.mirror`, mirror, surroundings)),
    ...(fault?.problems(`${at}.fault`) ?? []),
    ...(hosts.length > 1
      ? [`${at} sets the host ${String(hosts.length)} times, to '${hosts.join("', '")}': leave it in one place`]
      : []),
  ];
}

// The types say so already; programs in plain JavaScript are told here.
function excluded(at: string, action: 'redirect' | 'directResponse', route: object): string[] {
  return FORWARDING.filter(
    (prop) => prop !== action && prop in route && route[prop as keyof typeof route] !== undefined,
  ).map((prop) => `${at} has both ${action} and ${prop}: leave out one of them`);
}

function directResponseProblems(at: string, { status, body = '' }: DirectResponse): string[] {
  const length = Buffer.byteLength(body);
  return [
    ...wholeNumberProblem(`${at}.status`, status, 200, 599),
    ...(length > MAX_BODY
      ? [`${at}.body has ${String(length)} bytes, above ${String(MAX_BODY)}: let a workload answer instead`]
      : []),
  ];
}

function mirrorProblems(at: string, mirror: Mirror, surroundings: RouteSurroundings): string[] {
  return [...targetProblems(at, mirror, surroundings), ...percentProblem(`${at} percent`, mirror.percent)];
}

function targetProblems(at: string, target: Destination | Mirror, { host, subsets }: RouteSurroundings): string[] {
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

function destinationProblems(at: string, to: readonly Destination[], surroundings: RouteSurroundings): string[] {
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

function timeProblems(at: string, { timeout, retries }: ForwardingRoute): string[] {
  const problems = durationProblem(`${at}.timeout`, timeout);
  if (!retries) return problems;
  const { attempts, perTryTimeout, on = [], retryRemoteLocalities } = retries;
  problems.push(...durationProblem(`${at}.retries.perTryTimeout`, perTryTimeout));
  problems.push(...wholeNumberProblem(`${at}.retries.attempts`, attempts, 0));
  if (attempts === 0 && (perTryTimeout !== undefined || on.length > 0)) {
    problems.push(`${at}.retries.attempts 0 turns retries off: leave out perTryTimeout and on, or allow attempts`);
  }
  if (attempts === 0 && retryRemoteLocalities !== undefined) {
    problems.push(`${at}.retries.attempts 0 turns retries off: leave out retryRemoteLocalities, or allow attempts`);
  }
  if (
    timeout &&
    perTryTimeout &&
    perTryTimeout.toMilliseconds({ integral: false }) > timeout.toMilliseconds({ integral: false })
  ) {
    problems.push(
      `${at}.retries.perTryTimeout ${istioDuration(perTryTimeout)} is above ${at}.timeout ${istioDuration(timeout)}: lower the former or raise the latter`,
    );
  }
  return problems;
}
