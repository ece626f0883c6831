import { Duration } from 'cdk8s';
import {
  Destination,
  Fault,
  GrpcStatus,
  Match,
  Mirror,
  Origin,
  RetryOn,
  Routes,
  TrafficPolicy,
  type TrafficPolicyProps,
  type TrafficRoute,
} from 'istio-module';
import { emptyChart, named, synthesized, title } from './synthesis';

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
  // What compiles here without an expected error is refused by tsc as an unused directive.
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
    // @ts-expect-error 300 is no code of a redirect
    const code: TrafficRoute = { redirect: { uri: '/', code: 300 } };
    // @ts-expect-error methods are in upper case
    const cors: TrafficRoute = { to: TO, cors: { allowOrigins: [Origin.ANY], allowMethods: ['get'] } };
    // @ts-expect-error a status of gRPC is one of an enum
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

  test('canary: one number', () => {
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

  test('A/B test: one header', () => {
    const routes = Routes.abTest({ header: 'x-group', variants: { b: 'v2' }, otherwise: 'v1' });
    expect(http({ routes })).toEqual([
      { match: [{ headers: { 'x-group': { exact: 'b' } } }], route: [V2] },
      { route: [V1] },
    ]);
  });

  test('blue-green: two names to exchange', () => {
    const preview = Match.headerPresent('x-preview');
    expect(http({ routes: Routes.blueGreen({ live: 'v1', idle: 'v2', preview }) })).toEqual([
      { match: [{ headers: { 'x-preview': {} } }], route: [V2] },
      { route: [V1] },
    ]);
  });

  test('dark launch: a copy', () => {
    expect(http({ routes: Routes.darkLaunch({ live: 'v1', dark: 'v2', percent: 5 }) })).toEqual([
      { route: [V1], mirrors: [{ ...V2, percentage: { value: 5 } }] },
    ]);
  });
});

describe('a route is refused', () => {
  const matching = (...match: Match[]): TrafficRoute[] => [{ match, to: TO }];

  test.each<[string, TrafficRoute[], ...string[]]>([
    [
      'for a mirror out of range, to nowhere',
      [{ to: TO, mirror: [Mirror.to('v3', { percent: 101 }), Mirror.toHost('a:80')] }],
      "routes[0].mirror names subset 'v3', which subsets does not define (one of 'v1', 'v2'): define it, or write another",
      'routes[0].mirror percent 101 is out of range: write 0, or a number from 0.0001 to 100',
      "routes[0].mirror host 'a:80' is not a host: write a Service's name or a domain name, without port",
    ],
    [
      'for faults out of range',
      [
        {
          to: TO,
          fault: Fault.abort(600, { percent: -1 })
            .and(Fault.delay(Duration.millis(0.5), { percent: 0.00001 }))
            .and(Fault.delay(Duration.millis(1.5))),
        },
      ],
      'routes[0].fault has 2 delays, of which a route takes one: leave out the others',
      'routes[0].fault.delay 0.0005s is too short: write at least Duration.millis(1), or leave it out',
      'routes[0].fault.delay percent 0.00001 is out of range: write 0, or a number from 0.0001 to 100',
      'routes[0].fault.delay 0.0015s is too exact: write a whole number of milliseconds',
      'routes[0].fault.abort status 600 is out of range: write a whole number from 200 to 599',
      'routes[0].fault.abort percent -1 is out of range: write 0, or a number from 0.0001 to 100',
    ],
    [
      'for a redirect that changes nothing',
      [{ redirect: {} }],
      'routes[0].redirect changes nothing, so clients would ask again forever: set uri, authority, port or scheme',
    ],
    [
      'for a redirect that contradicts itself',
      [
        {
          match: [Match.uri().exact('/a')],
          redirect: { uri: '/b', prefixRewrite: '/c', authority: '', port: 0, code: 300 as 301 },
        },
      ],
      "routes[0].redirect has uri '/b' and prefixRewrite '/c': leave out one of them",
      'routes[0].redirect.authority is empty: write one, or leave it out',
      "routes[0].redirect.prefixRewrite '/c' needs a prefix in each match: write Match.uri().prefix(…)",
      'routes[0].redirect.port 0 is out of range: write a whole number from 1 to 65535',
      'routes[0].redirect.code 300 is no redirect: write one of 301, 302, 303, 307, 308',
    ],
    [
      'for a redirect that also forwards',
      [
        {
          redirect: { uri: '/b' },
          to: TO,
          mirror: Mirror.to('v2'),
          fault: Fault.abort(500),
        } as unknown as TrafficRoute,
      ],
      'routes[0] has both redirect and to: leave out one of them',
      'routes[0] has both redirect and mirror: leave out one of them',
      'routes[0] has both redirect and fault: leave out one of them',
    ],
    [
      'for an answer that is none, or too long',
      [{ directResponse: { status: 100, body: 'é'.repeat(50_001) } }],
      'routes[0].directResponse.status 100 is out of range: write a whole number from 200 to 599',
      'routes[0].directResponse.body has 100002 bytes, above 100000: let a workload answer instead',
    ],
    [
      'for an answer that also forwards',
      [{ directResponse: { status: 200 }, rewrite: { uri: '/' } } as unknown as TrafficRoute],
      'routes[0] has both directResponse and rewrite: leave out one of them',
    ],
    [
      'for rewrites of nothing, or twice',
      [
        { match: [Match.uri().exact('/a')], to: TO, rewrite: {} },
        { to: TO, rewrite: { uri: '', uriRegex: { match: '(?=a)', rewrite: '' } } },
      ],
      'routes[0].rewrite changes nothing: set uri, uriRegex or authority, or leave it out',
      "routes[1].rewrite has uri '' and uriRegex '(?=a)': leave out one of them",
      'routes[1].rewrite.uri is empty: write one, or leave it out',
      'routes[1].rewrite.uriRegex.rewrite is empty: write one, or leave it out',
      "routes[1].rewrite.uriRegex.match '(?=a)' looks around, which RE2 cannot: write it without (?= (?! (?<",
    ],
    [
      'for headers that are none, and values that are not closed',
      [
        {
          to: [Destination.subset('v1', { headers: { response: { set: { Host: 'a' } } } })],
          headers: { request: { set: { 'x y': '50%', 'x-a': 'a\nb' }, remove: [':path', 'X-A'] } },
        },
      ],
      "routes[0].headers.request names 'x y', which is not a header's name: write another",
      "routes[0].headers.request.remove names ':path', which is not a header's name: write another",
      "routes[0].headers.request 'x y' has the value '50%', with a % that opens no variable: write %% for a percent sign",
      "routes[0].headers.request 'x-a' has a control character in its value: leave it out",
      "routes[0].headers.request sets or removes 'x-a' twice: leave it in one place",
      "routes[0].to[0].headers.response names 'Host', which only a request's set can change: write it there",
    ],
    [
      'for a host that is set twice',
      [{ to: TO, rewrite: { authority: 'a' }, headers: { request: { set: { ':authority': 'b' } } } }],
      "routes[0] sets the host 2 times, to 'a', 'b': leave it in one place",
    ],
    [
      'for CORS without origin, or with what is none',
      [
        { match: [Match.method().exact('GET')], to: TO, cors: { allowOrigins: [], maxAge: Duration.millis(1500) } },
        {
          to: TO,
          cors: {
            allowOrigins: [Origin.exact('shop.example.com'), Origin.prefix(''), Origin.regex('('), Origin.ANY],
            allowMethods: ['get' as 'GET'],
            allowHeaders: ['x y'],
            exposeHeaders: [''],
          },
        },
      ],
      'routes[0].cors.allowOrigins is empty: name an origin, or write Origin.ANY',
      'routes[0].cors.maxAge 1.5s is too exact: write a whole number of seconds',
      "routes[1].cors.allowOrigins[0] 'shop.example.com' is not an origin: write it with its scheme, such as https://shop.example.com",
      'routes[1].cors.allowOrigins[1] is empty: write an origin such as https://shop.example.com, or Origin.ANY',
      "routes[1].cors.allowOrigins[2] regex '(' is not a regular expression: write it in RE2 syntax",
      "routes[1].cors.allowMethods has 'get', which is not a method: write it in upper case",
      "routes[1].cors.allowHeaders has 'x y', which is not a header's name: write another",
      "routes[1].cors.exposeHeaders has '', which is not a header's name: write another",
    ],
    [
      'for matches that cannot hold together',
      matching(
        Match.uri().prefix('/a').and(Match.uri().exact('/b')),
        Match.cookie('a').exact('1').and(Match.cookie('b').exact('2')),
        Match.sourceLabels({ app: 'a' }).and(Match.sourceLabels({ app: 'b' })),
      ),
      'routes[0].match: has two conditions for uri, of which only one can hold: write one',
      "routes[0].match: has two conditions for headers 'cookie', of which only one can hold: write one",
      "routes[0].match: has two conditions for sourceLabels 'app', of which only one can hold: write one",
    ],
    [
      'for matches of what cannot be',
      matching(
        Match.method().prefix(''),
        Match.header('x-a').regex(''),
        Match.uri().regex('(a)\\1'),
        Match.queryParam('q').regex('\\y'),
        Match.port(70000),
        Match.sourceNamespace('The Front'),
        Match.gateways(),
        Match.gateways('a/b/c'),
        Match.sourceLabels({}),
        Match.withoutHeader('x y').exact(''),
        Match.headerPresent('@request.auth.claims.sub'),
      ),
      'routes[0].match: method has an empty prefix: write one, or leave the condition out',
      "routes[0].match: header 'x-a' is an empty regular expression: write one, or leave the condition out",
      "routes[0].match: uri '(a)\\1' refers back with \\1, which RE2 cannot: write it without",
      "routes[0].match: query parameter 'q' '\\y' has \\y, which RE2 does not know: write it in RE2 syntax",
      'routes[0].match: port 70000 is out of range: write a whole number from 1 to 65535',
      "routes[0].match: source namespace 'The Front' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      'routes[0].match: gateways is empty: name at least one',
      "routes[0].match: gateway 'a/b/c' is not a gateway's name: write NAME or NAMESPACE/NAME",
      "routes[0].match: gateway 'a/b/c' is not one of the policy's: add it to the prop gateways",
      'routes[0].match: sourceLabels is empty: name at least one',
      "routes[0].match: header 'x y' is not a header's name in lower case: write 'x y'",
      "routes[0].match: '@request.auth.claims.sub' is known at gateways alone: set the prop gateways, without 'mesh'",
    ],
    [
      'for a name that another has',
      [
        { name: 'a', match: [Match.method().exact('GET')], to: TO },
        { name: 'a', match: [Match.method().exact('PUT')], to: TO },
        { name: '', to: TO },
      ],
      "routes[1].name 'a' is that of routes[0] already: write another",
      'routes[2].name is empty: write one, or leave it out',
    ],
    [
      'for retries elsewhere that are off',
      [{ to: TO, retries: { attempts: 0, retryRemoteLocalities: true, on: [RetryOn.RESET] } }],
      'routes[0].retries.attempts 0 turns retries off: leave out perTryTimeout and on, or allow attempts',
      'routes[0].retries.attempts 0 turns retries off: leave out retryRemoteLocalities, or allow attempts',
    ],
  ])('%s', (_, routes, ...problems) => {
    expect(() => policy({ routes })).toThrow(
      new Error(problems.map((problem) => `TrafficPolicy mesh/reviews: ${problem}`).join('\n')),
    );
  });

  test.each<[string, Partial<TrafficPolicyProps>, string]>([
    [
      'every host, in the mesh',
      { host: '*', routes: [{ to: [Destination.otherHost('a')] }] },
      "host '*' is for gateways alone: set the prop gateways, without 'mesh', or write a host",
    ],
    [
      'a destination that is no host',
      { host: '*', gateways: ['public'], routes: [{ to: [Destination.host()] }] },
      "routes[0].to goes to host '*', which is none: write Destination.otherHost(…) or Mirror.toHost(…)",
    ],
    ['no host', { hosts: [], routes: [{ to: TO }] }, 'hosts is empty: name at least one, or leave it out'],
    [
      'gateways without routes',
      { gateways: ['public'] },
      'gateways is for routes, of which there are none: set routes, or leave gateways out',
    ],
    [
      'a drill out of range',
      { fault: Fault.abort(99) },
      'fault.abort status 99 is out of range: write a whole number from 200 to 599',
    ],
  ])('for %s', (_, props, problem) => {
    expect(() => policy(props)).toThrow(new Error(`TrafficPolicy mesh/reviews: ${problem}`));
  });
});

describe('a route that earlier ones cover', () => {
  const uri = Match.uri();
  const ignoring = Match.uriIgnoringCase();
  const get = Match.method().exact('GET');

  test.each<[string, Match, Match]>([
    ['a prefix of all', uri.prefix('/'), get],
    ['the same', uri.regex('/a|/b').and(get), uri.regex('/a|/b').and(get)],
    ['a shorter prefix', uri.prefix('/a'), uri.prefix('/a/b')],
    ['a prefix of what is exact', uri.prefix('/a'), uri.exact('/a/b').and(get)],
    ['a prefix in another case', ignoring.prefix('/A'), uri.exact('/a/b')],
    ['presence', Match.headerPresent('x'), Match.header('x').exact('1')],
    ['any value', Match.queryParam('q').regex('.*'), Match.queryParam('q').prefix('1')],
    ['fewer labels', Match.sourceLabels({ a: '1' }), Match.sourceLabels({ a: '1', b: '2' })],
    ['the same absence', Match.headerAbsent('x'), Match.headerAbsent('x').and(get)],
    [
      'the same port and namespace',
      Match.port(80).and(Match.sourceNamespace('a')),
      Match.port(80).and(Match.sourceNamespace('a')),
    ],
    ['more gateways', Match.gateways('mesh', 'public'), Match.gateways('public')],
  ])('by %s is refused', (_, wide, narrow) => {
    const gateways = ['mesh', 'public'];
    expect(() =>
      policy({
        gateways,
        routes: [
          { match: [wide], to: TO },
          { match: [narrow], to: TO },
        ],
      }),
    ).toThrow(
      new Error(
        'TrafficPolicy mesh/reviews: routes[1] is never reached, for all that it matches goes to routes[0]: move it before routes[0], or match less there',
      ),
    );
  });

  test.each<[string, Match, Match]>([
    ['a longer prefix', uri.prefix('/a/b'), uri.prefix('/a')],
    ['one more condition', uri.prefix('/a').and(get), uri.prefix('/a')],
    ['what is exact', uri.exact('/a'), uri.prefix('/a')],
    ['a case that is exact', uri.prefix('/a'), ignoring.prefix('/a/b')],
    ['another regular expression', uri.regex('/a.*'), uri.exact('/ab')],
    ['two regular expressions', uri.regex('/a.*'), uri.regex('/ab.*')],
    ['another scheme', Match.scheme().exact('http'), Match.scheme().exact('https')],
    ['another host', Match.authority().exact('a'), Match.authority().exact('b')],
    ['another query parameter', Match.queryParam('p').exact('1'), Match.queryParam('q').exact('1')],
    ['another header', Match.headerPresent('x'), Match.headerPresent('y')],
    ['another absence', Match.headerAbsent('x'), Match.headerAbsent('y')],
    ['more labels', Match.sourceLabels({ a: '1', b: '2' }), Match.sourceLabels({ a: '1' })],
    ['another port', Match.port(80), Match.port(81)],
    ['another namespace', Match.sourceNamespace('a'), Match.sourceNamespace('b')],
    ['fewer gateways', Match.gateways('public'), Match.gateways('public', 'mesh')],
    ['one of the gateways', Match.gateways('public'), get],
  ])('only in part, by %s, stays', (_, wide, narrow) => {
    const gateways = ['mesh', 'public'];
    const routes = [{ match: [wide], to: TO }, { match: [narrow], to: TO }, { to: TO }];
    expect(http({ gateways, routes })).toHaveLength(3);
  });

  test('by several together is refused, naming them', () => {
    const routes = [
      { match: [uri.prefix('/a')], to: TO },
      { match: [uri.prefix('/b')], to: TO },
      { match: [uri.exact('/b/1'), uri.exact('/a/1')], to: TO },
    ];
    expect(() => policy({ routes })).toThrow(
      new Error(
        'TrafficPolicy mesh/reviews: routes[2] is never reached, for all that it matches goes to routes[0] and routes[1]: move it before routes[0], or match less there',
      ),
    );
  });
});
