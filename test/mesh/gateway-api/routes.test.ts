import { Duration } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import {
  Destination,
  GRPCRoute,
  HTTPRoute,
  KubernetesGateway,
  Match,
  Mirror,
  Origin,
  RouteParent,
  RetryOn,
  TrafficPolicy,
  type GRPCRouteRule,
  type HTTPRouteRule,
} from 'istio-module';
import { emptyChart, named, synthesized } from '../synthesis';
import { warningsOf } from '../warnings-of';
import { everyGatewayApi } from './every-gateway-api';
import { problems } from './problems';

const namespace = 'shop';
const parents = [RouteParent.service('reviews', { port: 80 })];
const to = [Destination.host()];

function http(rules: readonly HTTPRouteRule[], further: Partial<ConstructorParameters<typeof HTTPRoute>[2]> = {}) {
  const chart = emptyChart();
  new HTTPRoute(chart, 'one', { namespace, parents, rules, ...further });
  return synthesized(chart)[0];
}

const httpProblems = (...rules: HTTPRouteRule[]) => problems(() => http(rules));
const grpcProblems = (...rules: GRPCRouteRule[]) =>
  problems(() => new GRPCRoute(emptyChart(), 'one', { namespace, parents, rules }));

describe('an HTTPRoute', () => {
  test('splits the requests of a Service by weight', () => {
    const canary = { to: [Destination.host({ weight: 9 }), Destination.otherHost('reviews-v2', { weight: 1 })] };
    expect(http([canary])).toEqual({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'one', namespace },
      spec: {
        parentRefs: [{ group: '', kind: 'Service', name: 'reviews', port: 80 }],
        rules: [
          {
            backendRefs: [
              { name: 'reviews', port: 80, weight: 9 },
              { name: 'reviews-v2', port: 80, weight: 1 },
            ],
          },
        ],
      },
    });
  });

  test('writes matches, headers, timeouts, mirrors, CORS, rewrites and redirects as fields of the Gateway API', () => {
    const chart = emptyChart();
    warningsOf(() => {
      everyGatewayApi(chart);
    });
    const { rules, parentRefs } = named(synthesized(chart), 'HTTPRoute/shop/every-rule').spec as {
      rules: Record<string, unknown>[];
      parentRefs: unknown;
    };
    const changes = [
      {
        type: 'RequestHeaderModifier',
        requestHeaderModifier: {
          set: [{ name: 'x-a', value: '1' }],
          add: [{ name: 'x-b', value: '%REQ(x-id)%' }],
          remove: ['x-c'],
        },
      },
      { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-d', value: '2' }] } },
    ];
    expect(parentRefs).toEqual([
      { group: '', kind: 'Service', name: 'reviews', port: 80 },
      { name: 'public', sectionName: 'https', port: 443 },
    ]);
    expect(rules[0]).toEqual({
      name: 'canary',
      matches: [
        {
          path: { type: 'PathPrefix', value: '/v1' },
          headers: [{ name: 'x-user', value: 'ann' }],
          queryParams: [{ type: 'RegularExpression', name: 'q', value: 'a+' }],
        },
        {
          path: { type: 'RegularExpression', value: '/v[0-9]+/.*' },
          method: 'GET',
          headers: [{ type: 'RegularExpression', name: 'x-user', value: 'b.*' }],
        },
        { path: { type: 'Exact', value: '/status' } },
        { headers: [{ type: 'RegularExpression', name: 'cookie', value: '(.*;[ ]*)?beta=yes([ ]*;.*)?' }] },
      ],
      filters: [
        ...changes,
        {
          type: 'CORS',
          cors: {
            allowOrigins: ['https://*.example.com', 'http://localhost:8080'],
            allowMethods: ['GET', 'POST'],
            allowHeaders: ['x-user'],
            exposeHeaders: ['x-d'],
            maxAge: 600,
            allowCredentials: true,
          },
        },
        {
          type: 'RequestMirror',
          requestMirror: {
            backendRef: { name: 'audit', port: 80 },
            fraction: { numerator: 5000, denominator: 1_000_000 },
          },
        },
        {
          type: 'RequestMirror',
          requestMirror: { backendRef: { name: 'audit', namespace: 'other', port: 80 }, percent: 5 },
        },
        {
          type: 'RequestMirror',
          requestMirror: {
            backendRef: { group: 'networking.istio.io', kind: 'Hostname', name: 'copies.example.com', port: 443 },
          },
        },
      ],
      backendRefs: [
        { name: 'reviews', port: 80, weight: 90, filters: changes },
        { name: 'reviews-v2', port: 8080, weight: 10 },
      ],
      timeouts: { request: '1s500ms' },
    });
    expect(rules[1]?.filters).toEqual([
      { type: 'CORS', cors: { allowOrigins: ['*'] } },
      {
        type: 'URLRewrite',
        urlRewrite: {
          hostname: 'reviews.example.com',
          path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' },
        },
      },
    ]);
    expect(rules[2]?.filters).toEqual([
      { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplaceFullPath', replaceFullPath: '/other' } } },
    ]);
    expect(rules[3]).toEqual({
      matches: [{ path: { type: 'PathPrefix', value: '/moved' } }],
      filters: [
        {
          type: 'RequestRedirect',
          requestRedirect: {
            scheme: 'https',
            hostname: 'shop.example.com',
            path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/here' },
            port: 8443,
            statusCode: 308,
          },
        },
      ],
    });
    expect(rules[5]).toEqual({ backendRefs: [{ name: 'ratings', namespace: 'other', port: 80, weight: 1 }] });
  });

  test('takes the prefix of every path, which is the same in both APIs', () => {
    expect(http([{ match: [Match.uri().prefix('/')], to }])?.spec).toMatchObject({
      rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }],
    });
  });

  test('has retries, which are experimental', () => {
    const retries = { attempts: 3, perTryTimeout: Duration.seconds(1), on: [503], backoff: Duration.millis(50) };
    expect(http([{ to, timeout: Duration.hours(2), retries }])?.spec).toMatchObject({
      rules: [
        {
          timeouts: { request: '2h', backendRequest: '1s' },
          retry: { attempts: 3, codes: [503], backoff: '50ms' },
        },
      ],
    });
  });

  test('takes Services of cdk8s-plus and ServiceEntries as parents, each in its namespace', () => {
    const chart = emptyChart();
    const service = new kplus.Service(chart, 'web', { metadata: { namespace: 'other' }, ports: [{ port: 80 }] });
    new HTTPRoute(chart, 'one', {
      namespace,
      parents: [
        RouteParent.service(service, { port: 80 }),
        RouteParent.service('web', { namespace, port: 80 }),
        RouteParent.serviceEntry({ name: 'api', namespace: 'other' }, { port: 80 }),
      ],
      rules: [{ to: [Destination.otherHost('web')] }],
    });
    expect(named(synthesized(chart), 'HTTPRoute/shop/one').spec?.parentRefs).toEqual([
      { group: '', kind: 'Service', name: service.name, namespace: 'other', port: 80 },
      { group: '', kind: 'Service', name: 'web', port: 80 },
      { group: 'networking.istio.io', kind: 'ServiceEntry', name: 'api', namespace: 'other', port: 80 },
    ]);
  });

  test('refuses what the Gateway API cannot express', () => {
    expect(
      httpProblems({ match: [Match.uri().prefix('/api').and(Match.port(80))], to: [Destination.subset('v1')] }),
    ).toEqual([
      'rules[0].match has port, which an HTTPRoute cannot match: leave it out, or write a TrafficPolicy',
      "rules[0].match has uri prefix '/api', but an HTTPRoute compares whole segments: write Match.pathPrefix('/api')",
      "rules[0].to[0] names subset 'v1', but the Gateway API has no subsets: give it its own Service, and write Destination.otherHost(…) or Mirror.toHost(…)",
    ]);
    expect(
      httpProblems({ match: [Match.headerPresent('x-a')], to }, { match: [Match.method().prefix('G')], to }),
    ).toEqual([
      "rules[0].match header 'x-a' can only be compared as a whole: write exact(…) with a value, or regex(…)",
      'rules[1].match has a condition on the method that is not one of GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH: write Match.method().exact(…)',
    ]);
    expect(httpProblems({ to, cors: { allowOrigins: [Origin.prefix('https://')] } })).toEqual([
      "rules[0].cors.allowOrigins[0] is not an origin that the Gateway API supports: write Origin.ANY, or Origin.exact with 'http://' or 'https://' and a host",
    ]);
  });

  test('refuses destinations without a port, and some of several without a weight', () => {
    const from = [RouteParent.service('reviews')];
    expect(problems(() => http([{ to: [Destination.otherHost('web')] }, { to }], { parents: from }))).toEqual([
      'rules[1] is never reached, because rules[0] matches the same requests: match other requests, or put both into one',
      "rules[0].to[0] has no port for 'web', which the Gateway API requires: write it, such as { port: 80 }",
      'rules[1].to[0] has no port, which the Gateway API requires: write it, such as { port: 80 }',
    ]);
    expect(httpProblems({ to: [Destination.host(), Destination.otherHost('web', { weight: 1_000_001 })] })).toEqual([
      'rules[0].to[1].weight 1000001 is out of range: write a whole number from 0 to 1000000',
    ]);
    expect(httpProblems({ to: [Destination.host(), Destination.otherHost('web', { weight: 1 })] })).toEqual([
      'rules[0].to has 2 destinations, 1 of them without a weight: give each a weight',
    ]);
    const gateway = [RouteParent.gateway({ name: 'public' })];
    expect(problems(() => http([{ to, mirror: Mirror.to('v2') }], { parents: gateway }))).toEqual([
      "rules[0].to[0] goes to the route's own Service, but its parents are not a single Service: write Destination.otherHost(…) or Mirror.toHost(…)",
      "rules[0].mirror names subset 'v2', but the Gateway API has no subsets: give it its own Service, and write Destination.otherHost(…) or Mirror.toHost(…)",
    ]);
  });

  test('refuses the second of two rules that match the same, and no other order', () => {
    const ann = Match.header('x-user').exact('ann');
    const get = Match.method().exact('GET');
    expect(httpProblems({ to }, { match: [ann.and(get)], to }, { match: [get.and(ann)], to })).toEqual([
      'rules[2] is never reached, because rules[1] matches the same requests: match other requests, or put both into one',
    ]);
    expect(httpProblems({ to }, { match: [Match.pathPrefix('/')], to })).toEqual([
      'rules[1] is never reached, because rules[0] matches the same requests: match other requests, or put both into one',
    ]);
    expect(httpProblems({ to }, { match: [ann], to }, { match: [ann, get], to })).toEqual([]);
  });

  test('refuses values that its definition does not take', () => {
    expect(
      httpProblems(
        { match: [Match.pathPrefix('/a'), Match.pathPrefix('/b')], to, rewrite: { prefixRewrite: '/c' } },
        { match: [Match.pathPrefix('/../a')], redirect: {} },
        { match: [Match.uri().exact('a')], redirect: { uri: 'b', code: 200 as 301, authority: '*.example.com' } },
      ),
    ).toEqual([
      "rules[1].match path '/../a' is not an absolute path: start it with '/', and write no '//', '/./' or '%2F'",
      "rules[2].match path 'a' is not an absolute path: start it with '/', and write no '//', '/./' or '%2F'",
      "rules[0].rewrite.prefixRewrite '/c' needs exactly one match with a prefix: write match: [Match.pathPrefix(…)], and further matches in separate rules",
      'rules[1].redirect changes nothing, so clients would repeat the request forever: set uri, authority, port or scheme',
      "rules[2].redirect.uri 'b' is not an absolute path of at most 1024 characters: start it with '/'",
      "rules[2].redirect.authority '*.example.com' is not a hostname: write a domain name in lower case",
      'rules[2].redirect.code 200 is not a redirect status: write one of 301, 302, 303, 307, 308',
    ]);
    expect(
      httpProblems(
        { match: [Match.pathPrefix('/a')], to, rewrite: { prefixRewrite: '' } },
        { match: [Match.pathPrefix('/b')], redirect: { prefixRewrite: '', scheme: 'https' } },
      ),
    ).toEqual([
      "rules[1].redirect.prefixRewrite is empty, which proxies ignore in a redirect: write a path such as '/new'",
    ]);
    const retries = { attempts: 0, on: [200], perTryTimeout: Duration.seconds(2) };
    expect(
      httpProblems({
        to,
        name: 'A',
        timeout: Duration.seconds(1),
        retries,
        rewrite: {},
        headers: { request: {}, response: { set: { 'x-a': '' } } },
        mirror: Mirror.toHost('audit', { port: 0, percent: 101 }),
      }),
    ).toEqual([
      "rules[0].name 'A' is not a valid name: write lower-case letters, digits, hyphens and dots",
      'rules[0].headers.request changes nothing: name a header, or leave it out',
      "rules[0].headers.response 'x-a' has no value of 1 to 4096 characters: write one, or remove the header",
      'rules[0].retries.attempts 0 is out of range: write a whole number of at least 1',
      'rules[0].retries.on 200 is out of range: write a whole number from 400 to 599',
      "rules[0].retries.perTryTimeout 2s is longer than the rule's timeout 1s: lower the former or raise the latter",
      'rules[0].rewrite changes nothing: set uri, prefixRewrite or authority, or leave it out',
      'rules[0].mirror port 0 is out of range: write a whole number from 1 to 65535',
      'rules[0].mirror percent 101 is out of range: write 0, or a number from 0.0001 to 100',
    ]);
  });

  test('refuses invalid parents, and a parent that is named twice', () => {
    const chart = emptyChart();
    const gateway = new KubernetesGateway(chart, 'public', {
      namespace,
      listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
    });
    const rules = [{ to: [Destination.otherHost('web', { port: 80 })] }];
    const withParents = (...some: RouteParent[]) => problems(() => http(rules, { parents: some }));
    expect(withParents()).toEqual(['parents is empty: name at least one, such as RouteParent.service(…)']);
    expect(
      withParents(
        RouteParent.service('web', { port: 80 }),
        RouteParent.service('web', { port: 81 }),
        RouteParent.gateway(gateway),
        RouteParent.gateway({ name: 'public' }, { listener: 'http' }),
        RouteParent.service('Web', { namespace: 'A', port: 0 }),
      ),
    ).toEqual([
      "parents[1] is Service 'shop/web', and so is parents[0]: write one of them in a separate route",
      'parents[3] and parents[2] refer to the same Gateway: name a listener in both, or leave out one of them',
      "parents[4] Service 'Web' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      "parents[4] namespace 'A' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      'parents[4] port 0 is out of range: write a whole number from 1 to 65535',
    ]);
  });

  test('warns of hostnames that no gateway asks for, and refuses invalid ones', () => {
    expect(warningsOf(() => http([{ to }], { hostnames: ['a.example.com'] }))).toEqual([
      'warning: HTTPRoute mesh/one: hostnames only applies at gateways, and sidecars ignore it: leave it out, or name a Gateway in parents',
    ]);
    expect(problems(() => http([{ to }], { hostnames: ['A.example.com', '10.0.0.1', '*'] }))).toEqual([
      "hostnames[0] 'A.example.com' is not a hostname: write a domain name in lower case, optionally with the prefix '*.'",
      "hostnames[1] '10.0.0.1' is not a hostname: write a domain name in lower case, optionally with the prefix '*.'",
      "hostnames[2] '*' is not a hostname: write a domain name in lower case, optionally with the prefix '*.'",
    ]);
  });
});

describe('a GRPCRoute', () => {
  test('tells calls apart by service and method', () => {
    const chart = emptyChart();
    everyGatewayApi(chart);
    expect(named(synthesized(chart), 'GRPCRoute/shop/every-call').spec).toMatchObject({
      parentRefs: [{ group: '', kind: 'Service', name: 'cart' }],
      rules: [
        {
          name: 'calls',
          matches: [
            { method: { service: 'shop.v1.Cart', method: 'AddItem' } },
            {
              method: { service: 'shop.v1.Cart' },
              headers: [{ type: 'RegularExpression', name: 'x-user', value: 'a.*' }],
            },
            { method: { method: 'Check' } },
            { method: { type: 'RegularExpression', service: 'shop\\.v[12]\\.Cart', method: 'List.*' } },
          ],
          filters: [
            { type: 'RequestHeaderModifier' },
            { type: 'ResponseHeaderModifier' },
            { type: 'RequestMirror', requestMirror: { backendRef: { name: 'audit', port: 80 }, percent: 10 } },
          ],
          backendRefs: [{ name: 'cart', port: 9000, filters: [{}, {}] }],
        },
        { backendRefs: [{ name: 'cart-v2', port: 9000 }] },
      ],
    });
  });

  test('refuses paths that are not methods, and what it cannot match', () => {
    expect(
      grpcProblems({ match: [Match.uri().exact('/a/b/c')], to }, { match: [Match.method().exact('POST')], to }),
    ).toEqual([
      'rules[0].match has a uri that is not a gRPC method: write Match.grpcMethod(…)',
      'rules[1].match has method, which a GRPCRoute cannot match: leave it out, or write a TrafficPolicy',
    ]);
  });

  test('shares its methods with a TrafficPolicy', () => {
    const chart = emptyChart();
    new TrafficPolicy(chart, 'one', {
      namespace,
      host: 'cart',
      routes: [
        {
          match: [Match.grpcMethod({ service: 'shop.v1.Cart', name: 'AddItem' })],
          to,
          retries: { attempts: 1, on: [RetryOn.GRPC_CANCELLED] },
        },
        { match: [Match.grpcMethod({ service: 'shop.v1.Cart' }), Match.grpcMethod({ name: 'Check' })], to },
      ],
    });
    expect(named(synthesized(chart), 'VirtualService/shop/one').spec?.http).toMatchObject([
      { match: [{ uri: { exact: '/shop.v1.Cart/AddItem' } }] },
      { match: [{ uri: { prefix: '/shop.v1.Cart/' } }, { uri: { regex: '/[^/]+/Check' } }] },
    ]);
  });
});

test('a TrafficPolicy refuses a prefix of segments, which a VirtualService does not compare', () => {
  const routes = [{ match: [Match.pathPrefix('/api')], to }];
  expect(problems(() => new TrafficPolicy(emptyChart(), 'one', { namespace, host: 'web', routes }))).toEqual([
    "routes[0].match: pathPrefix '/api' is only supported in an HTTPRoute: write Match.uri().prefix('/api'), which compares characters",
  ]);
});
