import { Duration } from 'cdk8s';
import fc, { type Arbitrary } from 'fast-check';
import {
  Destination,
  Fault,
  GrpcStatus,
  HashKey,
  LoadBalancingAlgorithm,
  LocalityLoadBalancing,
  Match,
  Mirror,
  Origin,
  RetryOn,
  type CircuitBreaker,
  type ConnectionPool,
  type CorsPolicy,
  type HeaderChanges,
  type LoadBalancing,
  type Redirect,
  type RedirectFields,
  type Retries,
  type Rewrite,
  type StringMatch,
  type TrafficPolicyProps,
  type TrafficRoute,
} from 'istio-module';
import {
  byName,
  duration,
  headerName,
  host,
  labels,
  listOf,
  maybe,
  mostly,
  numberFrom,
  oddText,
  percent,
  regularExpression,
  some,
  something,
  textOf,
} from './values';

const SUBSETS = ['v1', 'v2', 'v3'] as const;

const port = numberFrom(1, 65535);
const seconds = mostly(
  fc.integer({ min: 1, max: 1e6 }).map((amount) => Duration.seconds(amount)),
  duration,
  8,
);
const headerValue = mostly(
  fc.constantFrom('1', '', 'a b', '100%%', '%REQ(x-id)%', '%START_TIME%', 'é', '%DOWNSTREAM_PEER_SUBJECT%'),
  fc.oneof(oddText, fc.constantFrom('%REQ( )%', '%A(b) %', '%A([")%', '%', '%%%', '%A()%', '%A(b)c%', '%A', '% %')),
);
const operations = some<NonNullable<HeaderChanges['response']>>({
  set: byName(mostly(fc.constantFrom('x-set', 'X_Set', 'a'), headerName, 30), headerValue),
  add: byName(mostly(fc.constantFrom('x-add', 'b'), headerName, 30), headerValue),
  remove: fc.uniqueArray(mostly(fc.constantFrom('x-remove', 'c'), headerName, 30), { maxLength: 2 }),
});
const headers: Arbitrary<HeaderChanges> = some<HeaderChanges>({ request: operations, response: operations });

const compared = (start: () => StringMatch, value: Arbitrary<string>): Arbitrary<Match> =>
  fc.oneof(
    value.map((text) => start().exact(text)),
    value.map((text) => start().prefix(text)),
    regularExpression.map((text) => start().regex(text)),
  );
const lowerCaseName = textOf('x-a', 'x-b', 'x-c', ':path', 'cookie');
const path = textOf('/', '/a', '/a/b', '/B?x=1', '/%41');
const condition: Arbitrary<Match> = fc.oneof(
  compared(() => Match.uri(), path),
  compared(() => Match.uriIgnoringCase(), path),
  compared(() => Match.scheme(), textOf('http', 'https')),
  compared(() => Match.method(), textOf('GET', 'POST')),
  compared(() => Match.authority(), host),
  lowerCaseName.chain((name) => compared(() => Match.header(name), headerValue)),
  lowerCaseName.chain((name) => compared(() => Match.withoutHeader(name), headerValue)),
  textOf('q', 'r').chain((name) => compared(() => Match.queryParam(name), headerValue)),
  textOf('session').chain((name) => compared(() => Match.cookie(name), headerValue)),
  lowerCaseName.map((name) => Match.headerPresent(name)),
  lowerCaseName.map((name) => Match.headerAbsent(name)),
  mostly(
    lowerCaseName,
    textOf('@request.auth.claims.sub', '@request.auth.claims[a][b]', '@request.auth.claims'),
    6,
  ).map((name) => Match.headerPresent(name)),
  port.map((number) => Match.port(number)),
  labels.map((all) => Match.sourceLabels(all)),
  textOf('front', 'a-1').map((namespace) => Match.sourceNamespace(namespace)),
  listOf(mostly(fc.constant('mesh'), textOf('public', 'ingress/public'), 3), 2).map((gateways) =>
    Match.gateways(...gateways),
  ),
);
/** Matches of requests with one condition or several. */
export const match: Arbitrary<Match> = fc
  .array(condition, { minLength: 1, maxLength: 2 })
  .map((all) => all.reduce((one, other) => one.and(other)));

const subset = mostly(fc.constantFrom<string>(...SUBSETS), oddText);
const someTarget = some<{ port: number; headers: HeaderChanges }>({ port, headers });
const destination = (weight?: number): Arbitrary<Destination> =>
  fc.oneof(
    {
      arbitrary: fc.tuple(subset, someTarget).map(([name, rest]) => Destination.subset(name, { ...rest, weight })),
      weight: 5,
    },
    someTarget.map((rest) => Destination.host({ ...rest, weight })),
    fc.tuple(host, someTarget, maybe(subset)).map(([name, rest, of]) => {
      return Destination.otherHost(name, { ...rest, weight, subset: of });
    }),
  );
/** Shares that add up to a hundred most of the time. */
export const weights: Arbitrary<number[]> = mostly(
  fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 3 }).map((borders) => {
    const sorted = [0, ...borders.sort((one, other) => one - other), 100];
    return sorted.slice(1).map((border, index) => border - (sorted[index] ?? 0));
  }),
  fc.array(numberFrom(0, 1000), { maxLength: 3 }),
  15,
);
const destinations: Arbitrary<Destination[]> = fc.oneof(
  destination().map((one) => [one]),
  weights.chain((shares) => fc.tuple(...shares.map((share) => destination(share)))),
);

const rewrite: Arbitrary<Rewrite> = fc.oneof(
  something(some<Rewrite>({ uri: path, authority: host, uriRegex: fc.constant(undefined) })),
  fc.tuple(regularExpression, textOf('/', '\\1', '\\\\')).map(([expression, text]) => {
    return { uriRegex: { match: expression, rewrite: text } };
  }),
);
const retries: Arbitrary<Retries> = fc
  .tuple(
    mostly(fc.integer({ min: 1, max: 25 }), numberFrom(0, 5), 10),
    some<Omit<Retries, 'attempts'>>({
      perTryTimeout: duration,
      on: fc.subarray([...Object.values(RetryOn), 503, 429, 299]),
      retryRemoteLocalities: fc.boolean(),
      retryIgnorePreviousHosts: fc.boolean(),
      backoff: duration,
    }),
  )
  .map(([attempts, rest]) => ({ attempts, ...rest }));
const mirror: Arbitrary<Mirror> = fc.oneof(
  fc
    .tuple(subset, some<{ percent: number; port: number }>({ percent, port }))
    .map(([name, rest]) => Mirror.to(name, rest)),
  fc
    .tuple(host, some<{ percent: number; port: number; subset: string }>({ percent, port, subset }))
    .map(([name, rest]) => Mirror.toHost(name, rest)),
);
const delay = fc.tuple(duration, percent).map(([time, share]) => Fault.delay(time, { percent: share }));
const abort = fc.oneof(
  fc.tuple(numberFrom(200, 599), percent).map(([status, share]) => Fault.abort(status, { percent: share })),
  fc.tuple(fc.constantFrom(...Object.values(GrpcStatus)), percent).map(([status, share]) => {
    return Fault.abortGrpc(status, { percent: share });
  }),
);
const fault: Arbitrary<Fault> = fc.oneof(
  delay,
  abort,
  fc.tuple(delay, abort).map(([one, other]) => one.and(other)),
);
const origin: Arbitrary<Origin> = fc.oneof(
  textOf('https://a.b', 'null', 'x+y://').map((text) => Origin.exact(text)),
  textOf('https://', 'a').map((text) => Origin.prefix(text)),
  regularExpression.map((text) => Origin.regex(text)),
  fc.constant(Origin.ANY),
);
const cors: Arbitrary<CorsPolicy> = fc
  .tuple(
    listOf(origin),
    some<Omit<CorsPolicy, 'allowOrigins'>>({
      allowMethods: fc.array(textOf('GET', 'TRACE', '*') as Arbitrary<never>, { maxLength: 2 }),
      allowHeaders: fc.array(headerName, { maxLength: 2 }),
      exposeHeaders: fc.array(headerName, { maxLength: 2 }),
      maxAge: seconds,
      allowCredentials: fc.boolean(),
    }),
  )
  .map(([allowOrigins, rest]) => ({ allowOrigins, ...rest }));

const base = {
  name: mostly(fc.uuid(), oddText),
  match: fc.array(match, { minLength: 1, maxLength: 2 }),
  headers,
  cors,
};
const redirect = something(
  some<RedirectFields>({
    uri: path,
    prefixRewrite: mostly(fc.constant(undefined as never), path, 8),
    authority: host,
    port: fc.oneof(port, fc.constantFrom('FROM_PROTOCOL_DEFAULT' as const, 'FROM_REQUEST_PORT' as const)),
    scheme: fc.constantFrom('http', 'https'),
    code: fc.constantFrom(301, 302, 303, 307, 308),
  }),
) as Arbitrary<Redirect>;
const directResponse = fc
  .tuple(numberFrom(200, 599), mostly(textOf('ok', 'no'), fc.constantFrom('a'.repeat(100_000), 'é'.repeat(50_001))))
  .map(([status, body]) => ({ status, body }));
const forwarding = fc
  .tuple(
    destinations,
    some<object>({
      ...base,
      timeout: duration,
      retries,
      rewrite,
      fault,
      mirror: fc.oneof(mirror, fc.array(mirror, { maxLength: 2 })),
    }),
  )
  .map(([to, rest]) => ({ to, ...rest }));
/** Routes of all kinds. */
export const route: Arbitrary<TrafficRoute> = fc.oneof(
  { arbitrary: forwarding, weight: 6 },
  fc.tuple(redirect, some<object>(base)).map(([to, rest]) => ({ redirect: to, ...rest })),
  fc.tuple(directResponse, some<object>(base)).map(([answer, rest]) => ({ directResponse: answer, ...rest })),
);
const routes = fc
  .array(route, { minLength: 1, maxLength: 3 })
  // As a rule, all routes except the last have a match, because routes that no request reaches are refused.
  .chain((all) =>
    fc.tuple(
      ...all.map((one, index) =>
        index < all.length - 1 ? match.map((by) => ({ ...one, match: one.match ?? [by] })) : fc.constant(one),
      ),
    ),
  );

const count = numberFrom(1, 1000);
const share = numberFrom(0, 100);
/** Limits, and the ejection of pods. */
export const circuitBreaker: Arbitrary<CircuitBreaker> = some<CircuitBreaker>({
  maxConnections: count,
  maxPendingRequests: count,
  maxRequests: count,
  maxRetries: count,
  consecutive5xxErrors: count,
  consecutiveGatewayErrors: mostly(fc.constantFrom(0, 3), count, 4),
  consecutiveLocalOriginFailures: count,
  interval: duration,
  baseEjectionTime: duration,
  maxEjectionPercent: share,
  minHealthPercent: share,
});
const connectionPool: Arbitrary<ConnectionPool> = some<ConnectionPool>({
  tcp: some<NonNullable<ConnectionPool['tcp']>>({
    connectTimeout: duration,
    maxConnectionDuration: duration,
    idleTimeout: duration,
    keepalive: some<object>({ probes: count, time: seconds, interval: seconds }),
  }),
  http: some<NonNullable<ConnectionPool['http']>>({
    maxRequestsPerConnection: count,
    idleTimeout: duration,
    h2Upgrade: fc.boolean(),
    useClientProtocol: fc.boolean(),
    maxConcurrentStreams: count,
    http2KeepAlive: fc.record({ interval: duration, timeout: duration }),
  }),
});
const hashKey: Arbitrary<HashKey> = fc.oneof(
  fc.constant(HashKey.SOURCE_IP),
  headerName.map((name) => HashKey.header(name)),
  fc
    .tuple(headerName, some<{ ttl: never; path: string }>({ ttl: duration as Arbitrary<never>, path }))
    .map(([name, rest]) => HashKey.cookie(name, rest)),
  textOf('q').map((name) => HashKey.queryParameter(name)),
);
const algorithm: Arbitrary<LoadBalancingAlgorithm> = fc.oneof(
  fc.constantFrom(
    LoadBalancingAlgorithm.LEAST_REQUEST,
    LoadBalancingAlgorithm.ROUND_ROBIN,
    LoadBalancingAlgorithm.RANDOM,
    LoadBalancingAlgorithm.PASSTHROUGH,
  ),
  fc.tuple(hashKey, maybe(numberFrom(1, 2 ** 23))).map(([key, minimumRingSize]) => {
    return LoadBalancingAlgorithm.ringHash(key, { minimumRingSize });
  }),
  fc
    .tuple(hashKey, mostly(fc.constantFrom(2, 3, 65537, 5_000_003), numberFrom(0, 6_000_000), 5))
    .map(([key, tableSize]) => {
      return LoadBalancingAlgorithm.maglev(key, { tableSize });
    }),
);
const locality = textOf('eu', 'eu/*', 'eu/a', 'eu/a/*', 'eu/a/b', 'us/*', 'us', '*');
const localities: Arbitrary<LocalityLoadBalancing> = fc.oneof(
  fc.constant(LocalityLoadBalancing.DISABLED),
  fc
    .array(fc.record({ from: textOf('eu', 'us'), to: textOf('asia', 'us') }), { maxLength: 2 })
    .map((all) => LocalityLoadBalancing.failover(...all)),
  listOf(textOf('topology.kubernetes.io/zone', 'version=v1')).map((all) =>
    LocalityLoadBalancing.failoverPriority(...all),
  ),
  fc
    .array(
      fc.tuple(locality, fc.array(locality, { minLength: 1, maxLength: 3 }), weights).map(([from, to, shares]) => {
        return { from, to: Object.fromEntries(to.map((place, index) => [place, shares[index] ?? 100])) };
      }),
      { maxLength: 2 },
    )
    .map((all) => LocalityLoadBalancing.distribute(...all)),
);
const warmup = fc
  .tuple(
    duration,
    some<{ minimumPercent: number; aggression: number }>({ minimumPercent: percent, aggression: percent }),
  )
  .map(([time, rest]) => ({ duration: time, ...rest }));
const loadBalancing: Arbitrary<LoadBalancing> = fc.oneof(
  some<Omit<LoadBalancing, 'warmup'>>({ algorithm, locality: localities }),
  some<LoadBalancing>({ algorithm: algorithm.filter(({ warmsUp }) => warmsUp), locality: localities, warmup }),
);

const names = fc.array(textOf('mesh', 'public', 'ingress/public'), { maxLength: 3 });
const place = fc.record({
  namespace: fc.constant('shop'),
  host: mostly(host, fc.constantFrom('*', '*.a')),
});
const subsets = mostly(
  fc
    .tuple(labels, labels, labels)
    .map((all) => Object.fromEntries(SUBSETS.map((name, index) => [name, all[index] ?? {}]))),
  byName(oddText, labels),
);

/** A policy about requests. */
export const routed: Arbitrary<TrafficPolicyProps> = fc
  .tuple(
    place,
    routes,
    subsets,
    some<Partial<TrafficPolicyProps>>({
      hosts: listOf(mostly(host, fc.constant('*')), 2),
      gateways: mostly<string[]>(
        fc.constantFrom(['mesh', 'public', 'ingress/public'], ['public', 'ingress/public']),
        names,
        4,
      ),
      fault,
      name: textOf('reviews', 'a.b-c', '0'),
    } as never),
  )
  .map(([where, list, groups, rest]) => ({ ...where, routes: list, subsets: groups, ...rest }));

/** A policy about connections and pods. */
export const resilient: Arbitrary<TrafficPolicyProps> = fc
  .tuple(place, something(some<object>({ circuitBreaker, connectionPool, loadBalancing, subsets })))
  .map(([where, rest]) => ({ ...where, ...rest }));
