import { corsPolicyProblems } from './cors-policy';
import { delegationProblems } from './delegation';
import { destinationProblems, targetProblems, type RouteSurroundings } from './destination-problems';
import { MESH_GATEWAY } from './gateway-name';
import { headerChangeProblems, hostsSetBy } from './header-changes';
import { durationProblem, istioDuration, milliseconds } from '../istio-duration';
import type { Mirror } from './mirror';
import { percentProblem, wholeNumberProblem } from '../number-range';
import { covers } from './match-conditions';
import { redirectProblems } from './redirect';
import { retryConditionProblems } from './retry-on';
import { rewriteProblems } from './rewrite';
import { gatewaysOf, unknownGatewayProblems } from './route-gateways';
import { mirrorsOf, type DirectResponse, type ForwardingOptions, type TrafficRoute } from './traffic-route';
import { unreachableProblems } from './unreachable-routes';

const FORWARDING = ['to', 'timeout', 'retries', 'rewrite', 'mirror', 'fault', 'directResponse', 'delegate'] as const;
const MAX_BODY = 100_000;

/** The problems with a list of routes, one sentence each. */
export function routeProblems(routes: readonly TrafficRoute[], surroundings: RouteSurroundings): string[] {
  const names = routes.map(({ name }) => name);
  return [
    ...unreachableProblems('routes', routes, (wide, narrow) => covers(wide.conditions, narrow.conditions)),
    ...routes.flatMap((route, index) => {
      const at = `routes[${String(index)}]`;
      const first = names.indexOf(route.name);
      return [
        ...(route.name !== undefined && first < index
          ? [`${at}.name '${route.name}' is already the name of routes[${String(first)}]: write another`]
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

function matchProblems(at: string, { match = [] }: TrafficRoute, surroundings: RouteSurroundings): string[] {
  const known = gatewaysOf(surroundings);
  const remedy = surroundings.delegated
    ? 'match it in the policy that delegates'
    : `set the prop gateways, without '${MESH_GATEWAY}'`;
  return match.flatMap((one) => {
    const { gateways: named = [], headers = {}, withoutHeaders = {}, pathPrefix } = one.conditions;
    const claims = [...Object.keys(headers), ...Object.keys(withoutHeaders)].filter((name) => name.startsWith('@'));
    return [
      ...one.problems().map((problem) => `${at}: ${problem}`),
      ...(pathPrefix === undefined
        ? []
        : [
            `${at}: pathPrefix '${pathPrefix}' is only supported in an HTTPRoute: write Match.uri().prefix('${pathPrefix}'), which compares characters`,
          ]),
      ...unknownGatewayProblems(at, named, surroundings),
      ...(known.includes(MESH_GATEWAY) ? claims : []).map(
        (name) => `${at}: '${name}' is only known at gateways: ${remedy}`,
      ),
    ];
  });
}

function actionProblems(at: string, route: TrafficRoute, surroundings: RouteSurroundings): string[] {
  if (route.redirect) {
    return [
      ...excluded(at, 'redirect', FORWARDING, route),
      ...redirectProblems(`${at}.redirect`, route.redirect, route.match ?? []),
    ];
  }
  if (route.directResponse) {
    return [
      ...excluded(at, 'directResponse', FORWARDING, route),
      ...directResponseProblems(`${at}.directResponse`, route.directResponse),
    ];
  }
  const { rewrite, fault, headers = {} } = route;
  const hosts = [...(rewrite?.authority === undefined ? [] : [rewrite.authority]), ...hostsSetBy(headers)];
  return [
    ...(route.delegate
      ? [...excluded(at, 'delegate', ['to'], route), ...delegationProblems(at, route, surroundings)]
      : destinationProblems(`${at}.to`, route.to, surroundings)),
    ...timeProblems(at, route),
    ...(rewrite ? rewriteProblems(`${at}.rewrite`, rewrite) : []),
    ...mirrorsOf(route).flatMap((mirror) => mirrorProblems(`${at}.mirror`, mirror, surroundings)),
    ...(fault?.problems(`${at}.fault`) ?? []),
    ...(hosts.length > 1
      ? [`${at} sets the host ${String(hosts.length)} times, to '${hosts.join("', '")}': name it in only one place`]
      : []),
  ];
}

// Types already prevent this. The check is for programs in plain JavaScript.
function excluded(at: string, action: keyof TrafficRoute, props: readonly string[], route: object): string[] {
  return props
    .filter((prop) => prop !== action && Reflect.get(route, prop) !== undefined)
    .map((prop) => `${at} has both ${action} and ${prop}: leave out one of them`);
}

function directResponseProblems(at: string, { status, body = '' }: DirectResponse): string[] {
  const length = Buffer.byteLength(body);
  return [
    ...wholeNumberProblem(`${at}.status`, status, 200, 599),
    ...(length > MAX_BODY
      ? [
          `${at}.body has ${String(length)} bytes, more than the maximum of ${String(MAX_BODY)}: let a workload answer instead`,
        ]
      : []),
  ];
}

function mirrorProblems(at: string, mirror: Mirror, surroundings: RouteSurroundings): string[] {
  return [...targetProblems(at, mirror, surroundings), ...percentProblem(`${at} percent`, mirror.percent)];
}

function timeProblems(at: string, { timeout, retries }: ForwardingOptions): string[] {
  const problems = durationProblem(`${at}.timeout`, timeout);
  if (!retries) return problems;
  const { attempts, perTryTimeout, on = [], retryRemoteLocalities, backoff } = retries;
  problems.push(...durationProblem(`${at}.retries.perTryTimeout`, perTryTimeout));
  problems.push(...durationProblem(`${at}.retries.backoff`, backoff));
  problems.push(...retryConditionProblems(`${at}.retries.on`, on));
  problems.push(...wholeNumberProblem(`${at}.retries.attempts`, attempts, 0));
  if (attempts === 0 && (perTryTimeout !== undefined || on.length > 0)) {
    problems.push(`${at}.retries.attempts 0 disables retries: leave out 'perTryTimeout' and 'on', or allow attempts`);
  }
  if (attempts === 0 && retryRemoteLocalities !== undefined) {
    problems.push(`${at}.retries.attempts 0 disables retries: leave out retryRemoteLocalities, or allow attempts`);
  }
  if (timeout && perTryTimeout && milliseconds(perTryTimeout) > milliseconds(timeout)) {
    problems.push(
      `${at}.retries.perTryTimeout ${istioDuration(perTryTimeout)} is longer than ${at}.timeout ${istioDuration(timeout)}: lower the former or raise the latter`,
    );
  }
  return problems;
}
