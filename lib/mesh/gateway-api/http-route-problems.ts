import { backendProblems, targetProblems, type BackendSurroundings } from './backend-reference';
import { gatewayApiDuration, gatewayApiDurationProblem } from './gateway-api-duration';
import { headerFilterProblems } from './header-filters';
import {
  ruleMirrors,
  type HTTPForwardingRule,
  type HTTPRouteRedirect,
  type HTTPRouteRewrite,
  type HTTPRouteRule,
} from './http-route-rule';
import { milliseconds } from '../istio-duration';
import { percentProblem, wholeNumberProblem } from '../number-range';
import { objectNameProblem } from '../object-name';
import { pathChangeProblems } from './path-change';
import { routeCorsProblems } from './route-cors';
import { hostnameProblem } from './route-hostnames';
import { httpMatchProblems, matchListProblems, renderHttpMatch } from './route-match';
import { listLimitProblem } from '../size-limit';
import type { Match } from '../traffic/match';
import type { ForwardingOptions } from '../traffic/traffic-route';

const FORWARDING = ['to', 'timeout', 'retries', 'rewrite', 'mirror'] as const;
const CODES: readonly number[] = [301, 302, 303, 307, 308];
const MAX_RULES = 16;

/** The problems with the rules of an HTTPRoute, one sentence each. */
export function httpRuleProblems(rules: readonly HTTPRouteRule[], surroundings: BackendSurroundings): string[] {
  const everything = { path: { type: 'PathPrefix', value: '/' } };
  return [
    ...ruleListProblems(rules),
    ...matchListProblems(rules, httpMatchProblems, renderHttpMatch, everything),
    ...rules.flatMap((rule, index) => {
      const at = `rules[${String(index)}]`;
      const { match = [], headers, cors } = rule;
      return [
        ...(headers ? headerFilterProblems(`${at}.headers`, headers) : []),
        ...(cors ? routeCorsProblems(`${at}.cors`, cors) : []),
        ...(rule.redirect
          ? [...excluded(at, rule), ...redirectProblems(`${at}.redirect`, rule.redirect, match)]
          : forwardingProblems(at, rule, match, surroundings)),
      ];
    }),
  ];
}

/** The problems with the number and the names of rules, one sentence each. */
export function ruleListProblems(rules: readonly { readonly name?: string }[]): string[] {
  const names = rules.map(({ name }) => name);
  return [
    ...(rules.length === 0 ? ['rules is empty: write at least one, such as { to: [Destination.host()] }'] : []),
    ...listLimitProblem('rules', rules, MAX_RULES, ', and put the others into further routes'),
    ...names.flatMap((name, index) => {
      if (name === undefined) return [];
      const at = `rules[${String(index)}].name '${name}'`;
      const first = names.indexOf(name);
      return [
        ...(objectNameProblem(name).length === 0
          ? []
          : [`${at} is not a valid name: write lower-case letters, digits, hyphens and dots`]),
        ...(first < index ? [`${at} is already the name of rules[${String(first)}]: write another`] : []),
      ];
    }),
  ];
}

/** The problems with a rule's mirrors, one sentence each. */
export function mirrorProblems(
  at: string,
  rule: Pick<ForwardingOptions, 'mirror'>,
  surroundings: BackendSurroundings,
): string[] {
  return ruleMirrors(rule).flatMap((mirror) => [
    ...targetProblems(at, mirror, surroundings),
    ...percentProblem(`${at} percent`, mirror.percent),
  ]);
}

// Types already prevent this. The check is for programs in plain JavaScript.
function excluded(at: string, rule: HTTPRouteRule): string[] {
  return FORWARDING.filter((prop) => rule[prop] !== undefined).map(
    (prop) => `${at} has both redirect and ${prop}: leave out one of them`,
  );
}

function forwardingProblems(
  at: string,
  rule: HTTPForwardingRule,
  match: readonly Match[],
  surroundings: BackendSurroundings,
): string[] {
  const { to, timeout, retries, rewrite } = rule;
  return [
    ...backendProblems(`${at}.to`, to, surroundings),
    ...gatewayApiDurationProblem(`${at}.timeout`, timeout),
    ...(retries ? retryProblems(`${at}.retries`, rule) : []),
    ...(rewrite ? rewriteProblems(`${at}.rewrite`, rewrite, match) : []),
    ...mirrorProblems(`${at}.mirror`, rule, surroundings),
  ];
}

function retryProblems(at: string, { timeout, retries }: HTTPForwardingRule): string[] {
  const { attempts = 1, perTryTimeout, on = [], backoff } = retries ?? {};
  const times = [
    ...gatewayApiDurationProblem(`${at}.perTryTimeout`, perTryTimeout),
    ...gatewayApiDurationProblem(`${at}.backoff`, backoff),
  ];
  const longer = timeout && perTryTimeout && milliseconds(perTryTimeout) > milliseconds(timeout);
  return [
    ...wholeNumberProblem(`${at}.attempts`, attempts, 1),
    ...on.flatMap((status) => wholeNumberProblem(`${at}.on`, status, 400, 599)),
    ...times,
    ...(longer && times.length === 0
      ? [
          `${at}.perTryTimeout ${gatewayApiDuration(perTryTimeout)} is longer than the rule's timeout ${gatewayApiDuration(timeout)}: lower the former or raise the latter`,
        ]
      : []),
  ];
}

function rewriteProblems(at: string, rewrite: HTTPRouteRewrite, match: readonly Match[]): string[] {
  const { authority, uri, prefixRewrite } = rewrite;
  return [
    ...pathChangeProblems(at, rewrite, match),
    ...(authority === undefined ? [] : plainHostnameProblem(`${at}.authority`, authority)),
    ...((authority ?? uri ?? prefixRewrite) === undefined
      ? [`${at} changes nothing: set uri, prefixRewrite or authority, or leave it out`]
      : []),
  ];
}

function redirectProblems(at: string, redirect: HTTPRouteRedirect, match: readonly Match[]): string[] {
  const { authority, scheme, port, code, uri, prefixRewrite } = redirect;
  return [
    ...pathChangeProblems(at, redirect, match),
    ...(authority === undefined ? [] : plainHostnameProblem(`${at}.authority`, authority)),
    ...wholeNumberProblem(`${at}.port`, port, 1, 65535),
    ...(code !== undefined && !CODES.includes(code)
      ? [`${at}.code ${String(code)} is not a redirect status: write one of ${CODES.join(', ')}`]
      : []),
    ...([authority, scheme, port, uri, prefixRewrite].every((value) => value === undefined)
      ? [`${at} changes nothing, so clients would repeat the request forever: set uri, authority, port or scheme`]
      : []),
    // Envoy leaves the path unchanged, which usually redirects to the same URL.
    ...(prefixRewrite === ''
      ? [`${at}.prefixRewrite is empty, which proxies ignore in a redirect: write a path such as '/new'`]
      : []),
  ];
}

function plainHostnameProblem(what: string, hostname: string): string[] {
  return hostname.startsWith('*')
    ? [`${what} '${hostname}' is not a hostname: write a domain name in lower case`]
    : hostnameProblem(what, hostname);
}
