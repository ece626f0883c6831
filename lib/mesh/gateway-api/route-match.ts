import { definedFields } from '../fields';
import { isHeaderName } from '../http-header-name';
import type { Match } from '../traffic/match';
import type { Comparison, MatchConditions } from '../traffic/match-conditions';

type Condition = keyof MatchConditions;

const MAX_NAMED = 16;
const MAX_MATCHES = 64;
const MAX_ALL_MATCHES = 128;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];
const PATH = /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+$/;
const HTTP: readonly Condition[] = ['uri', 'pathPrefix', 'headers', 'queryParams', 'method'];
const GRPC: readonly Condition[] = ['uri', 'headers'];
const SERVICE = /^\.?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const METHOD = /^[A-Za-z_]\w*$/;

/** A match as an entry of the `matches` of an HTTPRoute's rule. */
export function renderHttpMatch({ conditions }: Match): Readonly<Record<string, unknown>> {
  const { uri, pathPrefix, headers, queryParams, method } = conditions;
  return definedFields({
    path: renderPath(pathPrefix ?? (uri?.prefix === '/' ? '/' : undefined), uri),
    headers: renderNamed(headers),
    queryParams: renderNamed(queryParams),
    method: method?.exact,
  });
}

/** A match as an entry of the `matches` of a GRPCRoute's rule. */
export function renderGrpcMatch({ conditions }: Match): Readonly<Record<string, unknown>> {
  return definedFields({
    method: conditions.uri && grpcMethodOf(conditions.uri),
    headers: renderNamed(conditions.headers),
  });
}

/** The problems with the match of an HTTPRoute's rule, one sentence each. */
export function httpMatchProblems(at: string, match: Match): string[] {
  const { uri, pathPrefix, headers = {}, queryParams = {}, method } = match.conditions;
  const problems = commonProblems(at, match, 'an HTTPRoute', HTTP);
  if (uri?.prefix !== undefined && uri.prefix !== '/') {
    problems.push(
      `${at} has uri prefix '${uri.prefix}', but an HTTPRoute compares whole segments: write Match.pathPrefix('${uri.prefix}')`,
    );
  }
  if (uri && pathPrefix !== undefined) {
    problems.push(`${at} has two conditions for the path, but can contain only one: write one`);
  }
  problems.push(...pathProblems(`${at} path`, pathPrefix ?? uri?.exact));
  if (method !== undefined && !METHODS.includes(method.exact ?? '')) {
    problems.push(
      `${at} has a condition on the method that is not one of ${METHODS.join(', ')}: write Match.method().exact(…)`,
    );
  }
  problems.push(...namedProblems(at, 'header', headers), ...namedProblems(at, 'query parameter', queryParams));
  return problems;
}

/** The problems with the match of a GRPCRoute's rule, one sentence each. */
export function grpcMatchProblems(at: string, match: Match): string[] {
  const { uri, headers = {} } = match.conditions;
  return [
    ...commonProblems(at, match, 'a GRPCRoute', GRPC),
    ...(uri && !grpcMethodOf(uri) ? [`${at} has a uri that is not a gRPC method: write Match.grpcMethod(…)`] : []),
    ...namedProblems(at, 'header', headers),
  ];
}

/**
 * The problems with the matches of rules, one sentence each. If two rules match the same requests, the first gets them;
 * otherwise the order does not matter.
 *
 * @param everything the conditions that a rendered match has by default
 */
export function matchListProblems(
  rules: readonly { readonly match?: readonly Match[] }[],
  problemsOf: (at: string, match: Match) => readonly string[],
  render: (match: Match) => object,
  everything: object = {},
): string[] {
  const found = rules.flatMap(({ match = [] }, index) =>
    match.flatMap((one) => problemsOf(`rules[${String(index)}].match`, one)),
  );
  const all = rules.reduce((sum, { match = [] }) => sum + Math.max(match.length, 1), 0);
  return [
    ...(found.length > 0 ? found : repeatedMatchProblems(rules, render, everything)),
    ...rules.flatMap(({ match = [] }, index) =>
      match.length > MAX_MATCHES
        ? [`rules[${String(index)}].match has ${String(match.length)} entries: write at most ${String(MAX_MATCHES)}`]
        : [],
    ),
    ...(all > MAX_ALL_MATCHES
      ? [`rules have ${String(all)} matches in total: write at most ${String(MAX_ALL_MATCHES)}`]
      : []),
  ];
}

function repeatedMatchProblems(
  rules: readonly { readonly match?: readonly Match[] }[],
  render: (match: Match) => object,
  everything: object,
): string[] {
  const known = new Map<string, string>();
  return rules.flatMap(({ match = [] }, index) => {
    const at = `rules[${String(index)}]`;
    const rendered = match.length > 0 ? match.map(render) : [{}];
    const keys = rendered.map((one) => JSON.stringify(sorted({ ...everything, ...one })));
    const takers = keys.map((key) => known.get(key));
    for (const key of keys) if (!known.has(key)) known.set(key, at);
    const [taker] = takers;
    return taker !== undefined && takers.every((one) => one !== undefined)
      ? [
          `${at} is never reached, because ${taker} matches the same requests: match other requests, or put both into one`,
        ]
      : [];
  });
}

function commonProblems(at: string, match: Match, kind: string, known: readonly Condition[]): string[] {
  const others = Object.keys(match.conditions).filter((condition) => !known.includes(condition as Condition));
  return [
    ...match.problems().map((problem) => `${at}: ${problem}`),
    ...others.map(
      (condition) => `${at} has ${condition}, which ${kind} cannot match: leave it out, or write a TrafficPolicy`,
    ),
  ];
}

function pathProblems(what: string, path: string | undefined): string[] {
  if (path === undefined) return [];
  const relative = /\/\/|\/\.\.?(\/|$)|%2f/i.test(path);
  return path.startsWith('/') && !relative && PATH.test(path) && path.length <= 1024
    ? []
    : [`${what} '${path}' is not an absolute path: start it with '/', and write no '//', '/./' or '%2F'`];
}

function namedProblems(at: string, what: string, comparisons: Readonly<Record<string, Comparison>>): string[] {
  const entries = Object.entries(comparisons);
  return [
    ...(entries.length > MAX_NAMED
      ? [`${at} has ${String(entries.length)} conditions on a ${what}: write at most ${String(MAX_NAMED)}`]
      : []),
    ...entries
      .filter(([name]) => !isHeaderName(name))
      .map(([name]) => `${at} ${what} '${name}' is not a name that the Gateway API supports: write another`),
    ...entries
      .filter(([, { exact, regex }]) => (exact ?? regex ?? '') === '')
      .map(
        ([name]) => `${at} ${what} '${name}' can only be compared as a whole: write exact(…) with a value, or regex(…)`,
      ),
  ];
}

function renderPath(prefix: string | undefined, uri: Comparison | undefined) {
  if (prefix !== undefined) return { type: 'PathPrefix', value: prefix };
  if (uri?.exact !== undefined) return { type: 'Exact', value: uri.exact };
  return uri?.regex === undefined ? undefined : { type: 'RegularExpression', value: uri.regex };
}

function renderNamed(comparisons: Readonly<Record<string, Comparison>> = {}) {
  const list = Object.entries(comparisons).map(([name, { exact, regex }]) =>
    regex === undefined ? { name, value: exact } : { type: 'RegularExpression', name, value: regex },
  );
  return list.length > 0 ? list : undefined;
}

/** The gRPC service and method that istiod converts to a condition on the path; undefined for other conditions. */
function grpcMethodOf({ exact, prefix, regex }: Comparison): Readonly<Record<string, string>> | undefined {
  const [, service = '', method = ''] = /^\/([^/]+)\/([^/]+)$/.exec(exact ?? '') ?? [];
  if (exact !== undefined) return SERVICE.test(service) && METHOD.test(method) ? { service, method } : undefined;
  const [, whole = ''] = /^\/([^/]+)\/$/.exec(prefix ?? '') ?? [];
  if (prefix !== undefined) return SERVICE.test(whole) ? { service: whole } : undefined;
  const [, ofAnyService] = /^\/\[\^\/\]\+\/([^/]+)$/.exec(regex ?? '') ?? [];
  if (ofAnyService !== undefined)
    return { ...(METHOD.test(ofAnyService) ? {} : { type: 'RegularExpression' }), method: ofAnyService };
  const [, some = '', one = ''] = /^\/([^/]+)\/([^/]+)$/.exec(regex ?? '') ?? [];
  if (some === '') return undefined;
  return { type: 'RegularExpression', service: some, ...(one === '.+' ? {} : { method: one }) };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sorted).sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
