import fc, { type Arbitrary } from 'fast-check';
import { Match, type StringMatch } from 'istio-module';
import { covers, type Comparison } from '../../../lib/mesh/traffic/match-conditions';
import { unreachableProblems } from '../../../lib/mesh/traffic/unreachable-routes';

/** The parts of a request that matches look at. */
interface Request {
  readonly uri: string;
  readonly scheme: string;
  readonly method: string;
  readonly authority: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly queryParams: Readonly<Record<string, string>>;
  readonly port: number;
  readonly sourceLabels: Readonly<Record<string, string>>;
  readonly sourceNamespace: string;
  readonly gateway: string;
}

const TEXTS = ['', 'a', 'A', 'ab', 'b'] as const;
const PATHS = ['/', '/a', '/A', '/a/b', '/ab'] as const;
const EXPRESSIONS = ['.*', '.+', 'a.*', '/a.*', 'a|b', ''] as const;
const NAMES = ['x', 'y'] as const;
const texts = fc.constantFrom(...TEXTS);
const named = fc.dictionary(fc.constantFrom(...NAMES), texts);

const request: Arbitrary<Request> = fc.record({
  uri: fc.constantFrom(...PATHS),
  scheme: fc.constantFrom('http', 'https'),
  method: fc.constantFrom('GET', 'PUT'),
  authority: fc.constantFrom('a', 'ab'),
  headers: named,
  queryParams: named,
  port: fc.constantFrom(80, 81),
  sourceLabels: named,
  sourceNamespace: fc.constantFrom('a', 'b'),
  gateway: fc.constantFrom('mesh', 'public'),
});

const compared = (start: () => StringMatch, values: readonly string[]): Arbitrary<Match> =>
  fc.oneof(
    fc.constantFrom(...values).map((value) => start().exact(value)),
    fc.constantFrom(...values).map((value) => start().prefix(value)),
    fc.constantFrom(...EXPRESSIONS.filter((expression) => expression !== '')).map((value) => start().regex(value)),
  );
const condition: Arbitrary<Match> = fc.oneof(
  compared(() => Match.uri(), PATHS),
  compared(() => Match.uriIgnoringCase(), PATHS),
  compared(() => Match.scheme(), ['http', 'https']),
  compared(() => Match.method(), ['GET', 'PUT']),
  compared(() => Match.authority(), ['a', 'ab']),
  compared(() => Match.header('x'), TEXTS),
  compared(() => Match.header('y'), TEXTS),
  compared(() => Match.withoutHeader('x'), TEXTS),
  compared(() => Match.queryParam('x'), TEXTS),
  fc.constantFrom(...NAMES).map((name) => Match.headerPresent(name)),
  fc.constantFrom(...NAMES).map((name) => Match.headerAbsent(name)),
  fc.constantFrom(80, 81).map((port) => Match.port(port)),
  fc.dictionary(fc.constantFrom(...NAMES), texts, { minKeys: 1 }).map((labels) => Match.sourceLabels(labels)),
  fc.constantFrom('a', 'b').map((namespace) => Match.sourceNamespace(namespace)),
  fc.subarray(['mesh', 'public'], { minLength: 1 }).map((gateways) => Match.gateways(...gateways)),
);
const match = fc
  .array(condition, { minLength: 1, maxLength: 2 })
  .map((all) => all.reduce((one, other) => one.and(other)));
const routes = fc.array(fc.record({ match: fc.array(match, { minLength: 1, maxLength: 2 }) }), {
  minLength: 2,
  maxLength: 4,
});

function compares({ exact, prefix, regex }: Comparison, value: string): boolean {
  if (exact !== undefined) return value === exact;
  if (prefix !== undefined) return value.startsWith(prefix);
  return regex === undefined || new RegExp(`^(?:${regex})$`, 's').test(value);
}

const lowerCase = (comparison: Comparison): Comparison =>
  comparison.regex === undefined
    ? Object.fromEntries(Object.entries(comparison).map(([kind, value]) => [kind, value.toLowerCase()]))
    : comparison;

/** Whether a request satisfies a match according to a proxy. */
function satisfies(made: Request, { conditions }: Match): boolean {
  const { uri, scheme, method, authority, port, sourceNamespace, gateways, ignoreUriCase = false } = conditions;
  const every = <T>(record: Readonly<Record<string, T>> = {}, holds: (name: string, wanted: T) => boolean) =>
    Object.entries(record).every(([name, wanted]) => holds(name, wanted));
  const among = (values: Readonly<Record<string, string>>) => (name: string, comparison: Comparison) => {
    const value = values[name];
    return value !== undefined && compares(comparison, value);
  };
  const ignoring = ignoreUriCase && uri?.regex === undefined;
  return (
    (uri === undefined || compares(ignoring ? lowerCase(uri) : uri, ignoring ? made.uri.toLowerCase() : made.uri)) &&
    (scheme === undefined || compares(scheme, made.scheme)) &&
    (method === undefined || compares(method, made.method)) &&
    (authority === undefined || compares(authority, made.authority)) &&
    every(conditions.headers, among(made.headers)) &&
    every(conditions.queryParams, among(made.queryParams)) &&
    every(conditions.withoutHeaders, (name, comparison) => !among(made.headers)(name, comparison)) &&
    (port === undefined || port === made.port) &&
    // With gateways, Istio ignores the conditions on the client's pod.
    (gateways === undefined
      ? every(conditions.sourceLabels, (name, value) => made.sourceLabels[name] === value) &&
        (sourceNamespace === undefined || sourceNamespace === made.sourceNamespace)
      : gateways.includes(made.gateway))
  );
}

test('no route is called unreachable that a request reaches', () => {
  const requests = fc.sample(request, { numRuns: 1500, seed: 1 });
  let [unreachable, reachable] = [0, 0];
  fc.assert(
    fc.property(routes, (all) => {
      const problems = unreachableProblems('routes', all, (wide: Match, narrow: Match) =>
        covers(wide.conditions, narrow.conditions),
      );
      all.forEach((_, index) => {
        if (!problems.some((problem) => problem.startsWith(`routes[${String(index)}] is never reached`))) {
          reachable++;
          return;
        }
        unreachable++;
        const reaching = requests.find(
          (made) => all.findIndex((route) => route.match.some((one) => satisfies(made, one))) === index,
        );
        expect({ index, reaching }).toEqual({ index, reaching: undefined });
      });
    }),
    { numRuns: 3000, seed: 1 },
  );
  expect(unreachable).toBeGreaterThan(100);
  expect(reachable).toBeGreaterThan(100);
});
