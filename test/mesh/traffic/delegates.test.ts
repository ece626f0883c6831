import { Duration } from 'cdk8s';
import {
  Destination,
  Fault,
  Match,
  MeshNamespace,
  TrafficPolicy,
  type TrafficPolicyProps,
  type TrafficRoute,
} from 'istio-module';
import { emptyChart, named, synthesized } from '../synthesis';

const TO = [Destination.host()];
const uri = Match.uri();

function delegated(props: Partial<TrafficPolicyProps> = {}) {
  const chart = emptyChart();
  const policy = new TrafficPolicy(chart, 'cart', {
    namespace: 'shop',
    host: 'cart',
    hosts: 'delegated',
    routes: [{ to: TO }],
    ...props,
  });
  return { chart, policy };
}

function root(inner: Partial<TrafficPolicyProps>, match?: Match[]) {
  const { chart, policy } = delegated(inner);
  new TrafficPolicy(chart, 'front', { namespace: 'shop', host: 'front', routes: [{ match, delegate: policy }] });
  return synthesized(chart);
}

describe('a delegated policy', () => {
  test('has no hosts, but destinations and subsets of its own', () => {
    const { chart } = delegated({ subsets: { v1: { version: 'v1' } }, routes: [{ to: [Destination.subset('v1')] }] });
    const manifests = synthesized(chart);
    expect(named(manifests, 'VirtualService/shop/cart').spec).toEqual({
      http: [{ route: [{ destination: { host: 'cart', subset: 'v1' } }] }],
    });
    expect(named(manifests, 'DestinationRule/shop/cart').spec).toMatchObject({ host: 'cart' });
  });

  test('may match gateways, which the policy that delegates names', () => {
    const { chart } = delegated({ routes: [{ match: [Match.gateways('istio-system/border')], to: TO }] });
    expect(named(synthesized(chart), 'VirtualService/shop/cart').spec).toMatchObject({
      http: [{ match: [{ gateways: ['istio-system/border'] }] }],
    });
  });

  const claims = Match.headerPresent('@request.auth.claims.sub');
  test.each<[string, Partial<TrafficPolicyProps>, string]>([
    [
      'gateways',
      { gateways: ['border'] },
      "gateways is not supported in a policy whose hosts are 'delegated': leave it out",
    ],
    [
      'TLS routes',
      { tlsRoutes: [] },
      "tlsRoutes is not supported in a policy whose hosts are 'delegated': leave it out",
    ],
    [
      'TCP routes',
      { tcpRoutes: [{ to: TO }] },
      "tcpRoutes is not supported in a policy whose hosts are 'delegated': leave it out",
    ],
    [
      'no routes',
      { routes: [], subsets: { v1: { a: 'b' } } },
      'hosts has no effect without routes: set routes, or leave hosts out',
    ],
    [
      'a delegate of its own',
      { routes: [{ delegate: { name: 'more' } }] },
      'routes[0] delegates, but another policy already delegates to this one, and Istio follows only one delegation: write the routes here',
    ],
    [
      'claims of tokens',
      { routes: [{ match: [claims], to: TO }] },
      "routes[0].match: '@request.auth.claims.sub' is only known at gateways: match it in the policy that delegates",
    ],
  ])('is refused with %s', (_, props, problem) => {
    expect(() => delegated(props)).toThrow(new Error(`TrafficPolicy mesh/cart: ${problem}`));
  });
});

describe('a route that delegates', () => {
  test('names the other policy, and says what holds besides', () => {
    const { chart, policy: cart } = delegated();
    const books = new MeshNamespace(chart, 'books', { name: 'books' });
    const front = new TrafficPolicy(chart, 'front', {
      namespace: 'istio-system',
      host: 'front',
      routes: [
        {
          name: 'cart',
          match: [uri.prefix('/cart')],
          delegate: cart,
          timeout: Duration.seconds(1),
          headers: { request: { remove: ['x'] } },
        },
        { match: [uri.prefix('/books')], delegate: { name: 'books', namespace: books } },
        { match: [uri.prefix('/own')], delegate: { name: 'own', namespace: 'istio-system' } },
        { delegate: { name: 'rest' } },
      ],
      fault: Fault.abort(503),
    });
    const fault = { abort: { httpStatus: 503, percentage: { value: 100 } } };
    expect(named(synthesized(chart), 'VirtualService/istio-system/front').spec).toEqual({
      hosts: ['front'],
      http: [
        {
          name: 'cart',
          match: [{ uri: { prefix: '/cart' } }],
          delegate: { name: 'cart', namespace: 'shop' },
          timeout: '1s',
          fault,
          headers: { request: { remove: ['x'] } },
        },
        { match: [{ uri: { prefix: '/books' } }], delegate: { name: 'books', namespace: 'books' }, fault },
        { match: [{ uri: { prefix: '/own' } }], delegate: { name: 'own' }, fault },
        { delegate: { name: 'rest' }, fault },
      ],
    });
    expect(front.virtualService?.node.dependencies).toContain(cart.virtualService);
  });

  test.each<[string, TrafficRoute, string]>([
    [
      'an invalid name',
      { delegate: { name: 'The cart', namespace: 'a.b' } },
      [
        "routes[0].delegate 'The cart' is not a valid object name: write lower-case letters, digits, hyphens and dots",
        "routes[0].delegate namespace 'a.b' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      ].join('\nTrafficPolicy mesh/front: '),
    ],
    [
      'a redirect besides',
      { delegate: { name: 'cart' }, redirect: { uri: '/' } } as unknown as TrafficRoute,
      'routes[0] has both redirect and delegate: leave out one of them',
    ],
    [
      'destinations besides',
      { delegate: { name: 'cart' }, to: TO } as unknown as TrafficRoute,
      'routes[0] has both delegate and to: leave out one of them',
    ],
    [
      'times that do not fit',
      { delegate: { name: 'cart' }, timeout: Duration.millis(0) },
      'routes[0].timeout 0s is too short: write at least Duration.millis(1), or leave it out',
    ],
  ])('is refused with %s', (_, route, problem) => {
    expect(
      () => new TrafficPolicy(emptyChart(), 'front', { namespace: 'shop', host: 'front', routes: [route] }),
    ).toThrow(new Error(`TrafficPolicy mesh/front: ${problem}`));
  });

  test('goes where one of its matches has what the other policy matches', () => {
    const manifests = root({ routes: [{ match: [uri.prefix('/cart/v2')], to: TO }] }, [
      uri.prefix('/basket'),
      uri.prefix('/cart'),
    ]);
    expect(named(manifests, 'VirtualService/shop/front').spec).toMatchObject({
      http: [{ delegate: { name: 'cart' } }],
    });
  });

  test('is refused toward a policy with hosts', () => {
    expect(() => root({ hosts: ['cart'] })).toThrow(
      new Error(
        "TrafficPolicy mesh/front: routes[0].delegate is TrafficPolicy mesh/cart, which has its own hosts: set its hosts to 'delegated'",
      ),
    );
  });

  test.each<[string[], boolean]>([
    [['.'], false],
    [['books'], false],
    [['.', 'front'], true],
    [['*'], true],
  ])('goes to a policy that is exported to %j: %s', (exportTo, seen) => {
    const { chart, policy } = delegated({ exportTo });
    const front = () =>
      new TrafficPolicy(chart, 'front', { namespace: 'front', host: 'front', routes: [{ delegate: policy }] });
    if (seen) {
      expect(front().virtualService).toBeDefined();
      return;
    }
    expect(front).toThrow(
      new Error(
        "TrafficPolicy mesh/front: routes[0].delegate is TrafficPolicy mesh/cart, which is not exported to namespace 'front': add it to exportTo of that policy",
      ),
    );
  });

  test('goes to a policy of its own namespace that no other sees', () => {
    expect(named(root({ exportTo: ['.'] }), 'VirtualService/shop/front').spec).toMatchObject({
      http: [{ delegate: { name: 'cart' } }],
    });
  });

  const get = Match.method().exact('GET');
  const labels = Match.sourceLabels({ a: '1' });
  test.each<[string, Match, Match]>([
    ['another prefix', uri.prefix('/cart'), uri.prefix('/books')],
    ['a shorter prefix', uri.prefix('/cart'), uri.prefix('/')],
    ['a prefix where one path is', uri.exact('/cart'), uri.prefix('/cart')],
    ['another path', uri.exact('/cart'), uri.exact('/cart/1')],
    ['the same regular expression', uri.regex('/cart.*'), uri.regex('/cart.*')],
    ['a regular expression under a prefix', uri.prefix('/cart'), uri.regex('/cart/.*')],
    ['upper and lower case', uri.prefix('/cart'), Match.uriIgnoringCase().prefix('/cart')],
    ['another method', get, Match.method().exact('PUT')],
    ['another scheme', Match.scheme().exact('http'), Match.scheme().exact('https')],
    ['another authority', Match.authority().exact('a'), Match.authority().exact('b')],
    ['another header', Match.header('x').exact('1'), Match.header('x').exact('2')],
    ['a value where presence is', Match.headerPresent('x'), Match.header('x').exact('2')],
    ['another absence', Match.withoutHeader('x').exact('1'), Match.withoutHeader('x').exact('2')],
    ['another parameter', Match.queryParam('q').exact('1'), Match.queryParam('q').exact('2')],
    ['another port', Match.port(80), Match.port(81)],
    ['no namespace', Match.sourceNamespace('front'), get],
    ['another label', labels, Match.sourceLabels({ a: '2' })],
    ['another gateway', Match.gateways('mesh'), Match.gateways('shop/border')],
  ])('is refused where the other policy matches %s', (_, outer, inner) => {
    expect(() => root({ routes: [{ match: [inner], to: TO }, { to: TO }] }, [outer])).toThrow(
      new Error(
        'TrafficPolicy mesh/front: routes[0].match cannot be merged with the match of routes[0] of TrafficPolicy mesh/cart, so istiod drops that route: in it, match only requests that routes[0].match also matches, with the same kind of condition',
      ),
    );
  });

  test.each<[string, Match, Match, string]>([
    ['labels of clients, where this one matches gateways', Match.gateways('mesh'), labels, 'sourceLabels'],
    ['gateways, where this one matches labels of clients', labels, Match.gateways('mesh'), 'sourceLabels'],
    ['a namespace of clients', Match.gateways('mesh'), Match.sourceNamespace('front'), 'sourceNamespace'],
  ])('is refused where the other policy matches %s', (_, outer, inner, ignored) => {
    expect(() => root({ routes: [{ match: [inner], to: TO }, { to: TO }] }, [outer])).toThrow(
      new Error(
        `TrafficPolicy mesh/front: routes[0].match, merged with the match of routes[0] of TrafficPolicy mesh/cart, has gateways, with which Istio ignores ${ignored}: leave gateways out, or leave out what Istio ignores`,
      ),
    );
  });

  test.each<[string, Match | undefined, Match]>([
    ['a longer prefix', uri.prefix('/cart'), uri.prefix('/cart/v2')],
    ['a path under a prefix', uri.prefix('/cart'), uri.exact('/cart/1')],
    ['the same path', uri.exact('/cart'), uri.exact('/cart')],
    ['something besides', uri.prefix('/cart'), get],
    ['one label more', labels, Match.sourceLabels({ b: '2' })],
    [
      'the same port and namespace',
      Match.port(80).and(Match.sourceNamespace('front')),
      Match.port(80).and(Match.sourceNamespace('front')),
    ],
    ['the same gateway', Match.gateways('mesh'), Match.gateways('mesh')],
    ['what it will, where nothing is matched', undefined, uri.regex('.*')],
  ])('goes where the other policy matches %s', (_, outer, inner) => {
    const manifests = root({ routes: [{ match: [inner], to: TO }, { to: TO }] }, outer && [outer]);
    expect(named(manifests, 'VirtualService/shop/front').spec).toMatchObject({
      http: [{ delegate: { name: 'cart' } }],
    });
  });
});
