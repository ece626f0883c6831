import { Duration } from 'cdk8s';
import {
  Destination,
  Fault,
  GrpcStatus,
  Match,
  Mirror,
  Origin,
  Routes,
  TrafficPolicy,
  type TrafficPolicyProps,
  type TrafficRoute,
} from 'istio-module';
import { emptyChart, named, synthesized, title } from '../synthesis';

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const TO = [Destination.subset('v1')];
const V1 = { destination: { host: 'reviews', subset: 'v1' } };

function policy(props: Partial<TrafficPolicyProps>) {
  const chart = emptyChart();
  new TrafficPolicy(chart, 'reviews', { namespace: 'shop', host: 'reviews', subsets: SUBSETS, ...props });
  return synthesized(chart);
}

function http(props: Partial<TrafficPolicyProps>) {
  return named(policy(props), 'VirtualService/shop/reviews').spec?.http;
}

describe('a route of a TrafficPolicy', () => {
  test('mirrors all, or a share, to subsets and other hosts', () => {
    const [one, several] = http({
      routes: [
        { match: [Match.method().exact('GET')], to: TO, mirror: Mirror.to('v2', { percent: 5 }) },
        { to: TO, mirror: [Mirror.to('v2', { port: 80 }), Mirror.toHost('audit', { subset: 'all', percent: 0.5 })] },
      ],
    }) as object[];
    expect(one).toMatchObject({
      mirrors: [{ destination: { host: 'reviews', subset: 'v2' }, percentage: { value: 5 } }],
    });
    expect(several).toMatchObject({
      mirrors: [
        { destination: { host: 'reviews', subset: 'v2', port: { number: 80 } }, percentage: { value: 100 } },
        { destination: { host: 'audit', subset: 'all' }, percentage: { value: 0.5 } },
      ],
    });
  });

  test('injects faults', () => {
    expect(
      http({
        routes: [
          {
            match: [Match.method().exact('GET')],
            to: TO,
            fault: Fault.delay(Duration.seconds(5), { percent: 10 }).and(Fault.abort(503)),
          },
          { to: TO, fault: Fault.abortGrpc(GrpcStatus.UNAVAILABLE, { percent: 0.1 }) },
        ],
      }),
    ).toEqual([
      {
        match: [{ method: { exact: 'GET' } }],
        route: [V1],
        fault: {
          delay: { fixedDelay: '5s', percentage: { value: 10 } },
          abort: { httpStatus: 503, percentage: { value: 100 } },
        },
      },
      { route: [V1], fault: { abort: { grpcStatus: 'UNAVAILABLE', percentage: { value: 0.1 } } } },
    ]);
  });

  test('redirects, answers, and forwards under other names', () => {
    expect(
      http({
        routes: [
          {
            name: 'moved',
            match: [Match.uri().prefix('/old/')],
            redirect: { prefixRewrite: '/new/', authority: 'example.com', port: 8443, scheme: 'https', code: 308 },
          },
          {
            match: [Match.uri().exact('/secure')],
            redirect: { scheme: 'https', port: 'FROM_PROTOCOL_DEFAULT' },
          },
          { match: [Match.uri().exact('/robots.txt')], directResponse: { status: 200, body: 'User-agent: *' } },
          { match: [Match.uri().exact('/gone')], directResponse: { status: 410 } },
          {
            match: [Match.uri().prefix('/v1')],
            to: TO,
            rewrite: { uri: '/', authority: 'reviews.internal' },
          },
          { to: TO, rewrite: { uriRegex: { match: '^/api/v([0-9]+)/', rewrite: '/\\1/' } } },
        ],
      }),
    ).toEqual([
      {
        name: 'moved',
        match: [{ uri: { prefix: '/old/' } }],
        redirect: {
          prefixRewrite: '/new/',
          authority: 'example.com',
          port: 8443,
          scheme: 'https',
          redirectCode: 308,
        },
      },
      {
        match: [{ uri: { exact: '/secure' } }],
        redirect: { scheme: 'https', derivePort: 'FROM_PROTOCOL_DEFAULT' },
      },
      {
        match: [{ uri: { exact: '/robots.txt' } }],
        directResponse: { status: 200, body: { string: 'User-agent: *' } },
      },
      { match: [{ uri: { exact: '/gone' } }], directResponse: { status: 410 } },
      {
        match: [{ uri: { prefix: '/v1' } }],
        route: [V1],
        rewrite: { uri: '/', authority: 'reviews.internal' },
      },
      { route: [V1], rewrite: { uriRegexRewrite: { match: '^/api/v([0-9]+)/', rewrite: '/\\1/' } } },
    ]);
  });

  test('changes headers, of all its requests or of those to one destination', () => {
    const headers = {
      request: { set: { 'x-id': '%REQ(x-request-id)%', host: 'inner' }, add: { via: '100%%' }, remove: ['x-debug'] },
      response: { set: { 'x-by': 'shop' }, remove: ['server'] },
    };
    const one = Destination.otherHost('legacy.example.com', { headers: { response: { add: { 'x-from': 'legacy' } } } });
    expect(http({ routes: [{ to: [one], headers }] })).toEqual([
      {
        route: [
          { destination: { host: 'legacy.example.com' }, headers: { response: { add: { 'x-from': 'legacy' } } } },
        ],
        headers,
      },
    ]);
  });

  test('lets pages of other origins call', () => {
    expect(
      http({
        routes: [
          {
            to: TO,
            cors: {
              allowOrigins: [Origin.exact('https://a.example'), Origin.prefix('https://b.'), Origin.regex('.*[.]c')],
              allowMethods: ['GET', 'POST'],
              allowHeaders: ['x-id'],
              exposeHeaders: ['*'],
              maxAge: Duration.hours(24),
              allowCredentials: true,
            },
          },
        ],
      }),
    ).toEqual([
      {
        route: [V1],
        corsPolicy: {
          allowOrigins: [{ exact: 'https://a.example' }, { prefix: 'https://b.' }, { regex: '.*[.]c' }],
          allowMethods: ['GET', 'POST'],
          allowHeaders: ['x-id'],
          exposeHeaders: ['*'],
          maxAge: '86400s',
          allowCredentials: true,
        },
      },
    ]);
  });

  test('matches by cookie, header, client, gateway, port and scheme', () => {
    const manifests = policy({
      host: 'reviews',
      hosts: ['reviews', 'reviews.example.com'],
      gateways: ['mesh', 'ingress/public'],
      routes: [
        {
          match: [
            Match.cookie('user').exact('j.s'),
            Match.cookie('user').prefix('test-'),
            Match.cookie('user').regex('a|b'),
            Match.headerPresent('x-beta').and(Match.headerAbsent('x-alpha')),
            Match.withoutHeader('x-tier').prefix('gold'),
            Match.sourceLabels({ app: 'web' }).and(Match.sourceNamespace('front')),
            Match.gateways('ingress/public').and(Match.port(443)).and(Match.scheme().exact('https')),
            Match.uriIgnoringCase().prefix('/Beta'),
          ],
          to: TO,
        },
      ],
    });
    expect(named(manifests, 'VirtualService/shop/reviews').spec).toEqual({
      hosts: ['reviews', 'reviews.example.com'],
      gateways: ['mesh', 'ingress/public'],
      http: [
        {
          match: [
            { headers: { cookie: { regex: '(.*;[ ]*)?user=j\\.s([ ]*;.*)?' } } },
            { headers: { cookie: { regex: '(.*;[ ]*)?user=test-[^;]*([ ]*;.*)?' } } },
            { headers: { cookie: { regex: '(.*;[ ]*)?user=(a|b)([ ]*;.*)?' } } },
            { headers: { 'x-beta': {} }, withoutHeaders: { 'x-alpha': {} } },
            { withoutHeaders: { 'x-tier': { prefix: 'gold' } } },
            { sourceLabels: { app: 'web' }, sourceNamespace: 'front' },
            { gateways: ['ingress/public'], port: 443, scheme: { exact: 'https' } },
            { uri: { prefix: '/Beta' }, ignoreUriCase: true },
          ],
          route: [V1],
        },
      ],
    });
  });

  test.each([
    ['user=jason', true],
    ['lang=en; user=jason; x=1', true],
    ['superuser=jason', false],
    ['user=jasons', false],
  ])('finds the cookie in %s: %s', (cookies, found) => {
    const { headers } = Match.cookie('user').exact('jason').render() as { headers: { cookie: { regex: string } } };
    expect(new RegExp(`^(?:${headers.cookie.regex})$`).test(cookies)).toBe(found);
  });
});

describe('the types of a route', () => {
  // If the expected error of a line does not occur, tsc reports an unused directive.
  const redirect = { uri: '/' };

  test('leave no room for a redirect that forwards', () => {
    // @ts-expect-error a redirect has no destinations
    const forwarding: TrafficRoute = { redirect, to: TO };
    // @ts-expect-error a redirect has no mirror
    const mirroring: TrafficRoute = { redirect, mirror: Mirror.to('v2') };
    // @ts-expect-error a redirect has no fault
    const failing: TrafficRoute = { redirect, fault: Fault.abort(500) };
    // @ts-expect-error an answer has no destinations
    const answering: TrafficRoute = { directResponse: { status: 200 }, to: TO };
    // @ts-expect-error a route does something
    const nothing: TrafficRoute = { match: [Match.port(80)] };
    expect([forwarding, mirroring, failing, answering, nothing]).toHaveLength(5);
  });

  test('know the codes of redirects, methods and gRPC', () => {
    // @ts-expect-error 300 is not a redirect code
    const code: TrafficRoute = { redirect: { uri: '/', code: 300 } };
    // @ts-expect-error methods are in upper case
    const cors: TrafficRoute = { to: TO, cors: { allowOrigins: [Origin.ANY], allowMethods: ['get'] } };
    // @ts-expect-error a gRPC status is a value of an enum
    const status = () => Fault.abortGrpc('UNAVAILABLE');
    // @ts-expect-error a delay is a Duration
    const delay = () => Fault.delay('5s');
    expect([code, cors, status, delay]).toHaveLength(4);
  });
});

describe('a fault drill', () => {
  const drill = Fault.abort(503, { percent: 20 });
  const rendered = { abort: { httpStatus: 503, percentage: { value: 20 } } };

  test('is in every route that forwards and has no fault of its own', () => {
    const own = Fault.delay(Duration.seconds(1));
    const redirect = { match: [Match.uri().exact('/old')], redirect: { uri: '/' } };
    const routes: TrafficRoute[] = [redirect, { match: [Match.uri().exact('/slow')], to: TO, fault: own }, { to: TO }];
    expect(http({ routes, fault: drill })).toEqual([
      { match: [{ uri: { exact: '/old' } }], redirect: { uri: '/' } },
      expect.objectContaining({ fault: { delay: { fixedDelay: '1s', percentage: { value: 100 } } } }),
      { route: [V1], fault: rendered },
    ]);
  });

  test('needs no routes', () => {
    expect(policy({}).map(title)).toEqual(['DestinationRule/shop/reviews']);
    expect(http({ fault: drill })).toEqual([{ route: [{ destination: { host: 'reviews' } }], fault: rendered }]);
  });
});

describe('Routes', () => {
  const V2 = { destination: { host: 'reviews', subset: 'v2' } };

  test('canary splits requests by one number', () => {
    const routes = Routes.canary({ stable: 'v1', canary: 'v2', percent: 10, timeout: Duration.seconds(3) });
    expect(http({ routes })).toEqual([
      {
        route: [
          { ...V1, weight: 90 },
          { ...V2, weight: 10 },
        ],
        timeout: '3s',
      },
    ]);
  });

  test('abTest chooses a version by one header', () => {
    const routes = Routes.abTest({ header: 'x-group', variants: { b: 'v2' }, otherwise: 'v1' });
    expect(http({ routes })).toEqual([
      { match: [{ headers: { 'x-group': { exact: 'b' } } }], route: [V2] },
      { route: [V1] },
    ]);
  });

  test('blueGreen sends requests to one of two versions', () => {
    const preview = Match.headerPresent('x-preview');
    expect(http({ routes: Routes.blueGreen({ live: 'v1', idle: 'v2', preview }) })).toEqual([
      { match: [{ headers: { 'x-preview': {} } }], route: [V2] },
      { route: [V1] },
    ]);
  });

  test('darkLaunch sends a copy of the requests', () => {
    expect(http({ routes: Routes.darkLaunch({ live: 'v1', dark: 'v2', percent: 5 }) })).toEqual([
      { route: [V1], mirrors: [{ ...V2, percentage: { value: 5 } }] },
    ]);
  });
});
