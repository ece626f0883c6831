import { Duration } from 'cdk8s';
import {
  Destination,
  Fault,
  Match,
  Mirror,
  Origin,
  RetryOn,
  TrafficPolicy,
  type TrafficPolicyProps,
  type TrafficRoute,
} from 'istio-module';
import { emptyChart, synthesized } from '../synthesis';

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const TO = [Destination.subset('v1')];

function policy(props: Partial<TrafficPolicyProps>) {
  const chart = emptyChart();
  new TrafficPolicy(chart, 'reviews', { namespace: 'shop', host: 'reviews', subsets: SUBSETS, ...props });
  return synthesized(chart);
}

describe('a route is refused', () => {
  const matching = (...match: Match[]): TrafficRoute[] => [{ match, to: TO }];

  test.each<[string, TrafficRoute[], ...string[]]>([
    [
      'an undefined subset, an invalid host, or an invalid share',
      [{ to: TO, mirror: [Mirror.to('v3', { percent: 101 }), Mirror.toHost('a:80')] }],
      "routes[0].mirror names subset 'v3', which the prop subsets does not define (it defines 'v1', 'v2'): define it, or write another",
      'routes[0].mirror percent 101 is out of range: write 0, or a number from 0.0001 to 100',
      "routes[0].mirror host 'a:80' is not a host: write the name of a Service or a domain name, without a port",
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
      'routes[0].fault has 2 delays, but a route can have only one: leave out the others',
      'routes[0].fault.delay 0.0005s is too short: write at least Duration.millis(1), or leave it out',
      'routes[0].fault.delay percent 0.00001 is out of range: write 0, or a number from 0.0001 to 100',
      'routes[0].fault.delay 0.0015s is too precise: write a whole number of milliseconds',
      'routes[0].fault.abort status 600 is out of range: write a whole number from 200 to 599',
      'routes[0].fault.abort percent -1 is out of range: write 0, or a number from 0.0001 to 100',
    ],
    [
      'for a redirect that changes nothing',
      [{ redirect: {} }],
      'routes[0].redirect changes nothing, so clients would repeat the request forever: set uri, authority, port or scheme',
    ],
    [
      'for a redirect that contradicts itself',
      [
        {
          match: [Match.uri().exact('/a')],
          redirect: { uri: '/b', prefixRewrite: '/c', authority: '', port: 0, code: 300 },
        } as unknown as TrafficRoute,
      ],
      "routes[0].redirect has uri '/b' and prefixRewrite '/c': leave out one of them",
      'routes[0].redirect.authority is empty: write one, or leave it out',
      "routes[0].redirect.prefixRewrite '/c' needs a URI prefix in each match: write Match.uri().prefix(…)",
      'routes[0].redirect.port 0 is out of range: write a whole number from 1 to 65535',
      'routes[0].redirect.code 300 is not a redirect status: write one of 301, 302, 303, 307, 308',
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
      'for an answer that is invalid, or too long',
      [{ directResponse: { status: 100, body: 'é'.repeat(50_001) } }],
      'routes[0].directResponse.status 100 is out of range: write a whole number from 200 to 599',
      'routes[0].directResponse.body has 100002 bytes, more than the maximum of 100000: let a workload answer instead',
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
        { to: TO, rewrite: { uri: '', uriRegex: { match: '(?=a)', rewrite: '' } } } as unknown as TrafficRoute,
      ],
      'routes[0].rewrite changes nothing: set uri, uriRegex or authority, or leave it out',
      "routes[1].rewrite has uri '' and uriRegex '(?=a)': leave out one of them",
      'routes[1].rewrite.uri is empty: write one, or leave it out',
      'routes[1].rewrite.uriRegex.rewrite is empty: write one, or leave it out',
      "routes[1].rewrite.uriRegex.match '(?=a)' uses a lookaround, which RE2 does not support: write it without (?= (?! (?<= (?<!",
    ],
    [
      'for invalid headers, and values that are not closed',
      [
        {
          to: [Destination.subset('v1', { headers: { response: { set: { Host: 'a' } } } })],
          headers: { request: { set: { 'x y': '50%', 'x-a': 'a\nb' }, remove: [':path', 'X-A'] } },
        },
      ],
      "routes[0].headers.request names 'x y', which is not a valid header name: write another",
      "routes[0].headers.request.remove names ':path', which is not a valid header name: write another",
      "routes[0].headers.request 'x y' has the value '50%', with a % that does not start a variable: write %% for a percent sign",
      "routes[0].headers.request 'x-a' has a control character in its value: leave it out",
      "routes[0].headers.request sets or removes 'x-a' twice: name it in only one place",
      "routes[0].to[0].headers.response names 'Host', which can only be changed in request.set or request.add: write it there",
    ],
    [
      'for a host that is set twice',
      [{ to: TO, rewrite: { authority: 'a' }, headers: { request: { set: { ':authority': 'b' } } } }],
      "routes[0] sets the host 2 times, to 'a', 'b': name it in only one place",
    ],
    [
      'for CORS without an origin, or with invalid values',
      [
        { match: [Match.method().exact('GET')], to: TO, cors: { allowOrigins: [], maxAge: Duration.millis(1500) } },
        {
          to: TO,
          cors: {
            allowOrigins: [
              ...[Origin.exact('shop.example.com'), Origin.prefix(''), Origin.regex('('), Origin.ANY],
              Origin.exact('https://*.example.com'),
            ],
            allowMethods: ['get' as 'GET'],
            allowHeaders: ['x y'],
            exposeHeaders: [''],
          },
        },
      ],
      'routes[0].cors.allowOrigins is empty: name an origin, or write Origin.ANY',
      'routes[0].cors.maxAge 1.5s is too precise: write a whole number of seconds',
      "routes[1].cors.allowOrigins[0] 'shop.example.com' is not an origin: write it with a scheme, such as https://shop.example.com",
      'routes[1].cors.allowOrigins[1] is empty: write an origin such as https://shop.example.com, or Origin.ANY',
      "routes[1].cors.allowOrigins[2] regex '(' is not a valid regular expression (missing closing ): `(`): write it in RE2 syntax",
      "routes[1].cors.allowOrigins[4] 'https://*.example.com' has a *, which is not possible in an origin: write Origin.regex('https://[^.]+\\.example\\.com')",
      "routes[1].cors.allowMethods has 'get', which is not an HTTP method: write it in upper case",
      "routes[1].cors.allowHeaders has 'x y', which is not a valid header name: write another",
      "routes[1].cors.exposeHeaders has '', which is not a valid header name: write another",
    ],
    [
      'for matches that cannot hold together',
      matching(
        Match.uri().prefix('/a').and(Match.uri().exact('/b')),
        Match.cookie('a').exact('1').and(Match.cookie('b').exact('2')),
        Match.sourceLabels({ app: 'a' }).and(Match.sourceLabels({ app: 'b' })),
      ),
      'routes[0].match: has two conditions for uri, but can contain only one: write one',
      "routes[0].match: has two conditions for headers 'cookie', but can contain only one: write one",
      "routes[0].match: has two conditions for sourceLabels 'app', but can contain only one: write one",
    ],
    [
      'for conditions on clients that Istio ignores',
      matching(
        Match.gateways('mesh').and(Match.sourceLabels({ app: 'tester' })),
        Match.sourceNamespace('front')
          .and(Match.gateways('mesh'))
          .and(Match.sourceLabels({ app: 'tester' })),
      ),
      'routes[0].match: has gateways, with which Istio ignores sourceLabels: leave gateways out, or leave out what Istio ignores',
      'routes[0].match: has gateways, with which Istio ignores sourceLabels and sourceNamespace: leave gateways out, or leave out what Istio ignores',
    ],
    [
      'for matches of invalid values',
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
      "routes[0].match: uri '(a)\\1' is not a valid regular expression (invalid escape sequence: `\\1`): write it in RE2 syntax",
      "routes[0].match: query parameter 'q' '\\y' is not a valid regular expression (invalid escape sequence: `\\y`): write it in RE2 syntax",
      'routes[0].match: port 70000 is out of range: write a whole number from 1 to 65535',
      "routes[0].match: source namespace 'The Front' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      'routes[0].match: gateways is empty: name at least one',
      "routes[0].match: gateway 'a/b/c' is not a valid gateway name: write NAME or NAMESPACE/NAME",
      "routes[0].match: gateway 'a/b/c' is not one of the policy's: add it to the prop gateways",
      'routes[0].match: sourceLabels is empty: name at least one',
      "routes[0].match: header 'x y' is not a valid header name: write another",
      "routes[0].match: '@request.auth.claims.sub' is only known at gateways: set the prop gateways, without 'mesh'",
    ],
    [
      'for a name that another has',
      [
        { name: 'a', match: [Match.method().exact('GET')], to: TO },
        { name: 'a', match: [Match.method().exact('PUT')], to: TO },
        { name: '', to: TO },
      ],
      "routes[1].name 'a' is already the name of routes[0]: write another",
      'routes[2].name is empty: write one, or leave it out',
    ],
    [
      'for retries elsewhere that are off',
      [{ to: TO, retries: { attempts: 0, retryRemoteLocalities: true, on: [RetryOn.RESET] } }],
      "routes[0].retries.attempts 0 disables retries: leave out 'perTryTimeout' and 'on', or allow attempts",
      'routes[0].retries.attempts 0 disables retries: leave out retryRemoteLocalities, or allow attempts',
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
      "host '*' is only supported at gateways: set the prop gateways, without 'mesh', or write a host",
    ],
    [
      'a destination that is not a host',
      { host: '*', gateways: ['public'], routes: [{ to: [Destination.host()] }] },
      "routes[0].to goes to host '*', which is not a host: write Destination.otherHost(…) or Mirror.toHost(…)",
    ],
    ['no host', { hosts: [], routes: [{ to: TO }] }, 'hosts is empty: name at least one, or leave it out'],
    [
      'gateways without routes',
      { gateways: ['public'] },
      'gateways has no effect without routes: set routes, or leave gateways out',
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
