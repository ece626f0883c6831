import { Duration } from 'cdk8s';
import { Service } from 'cdk8s-plus-27';
import { Destination, Match, RetryOn, TrafficPolicy, type TrafficPolicyProps, type TrafficRoute } from 'istio-module';
import { emptyChart, named, synthesized, title } from '../synthesis';

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };

function policy(props: Partial<TrafficPolicyProps>) {
  const chart = emptyChart();
  new TrafficPolicy(chart, 'reviews', { namespace: 'shop', host: 'reviews', ...props });
  return synthesized(chart);
}

describe('TrafficPolicy', () => {
  test('splits, matches, limits time and tries again', () => {
    const manifests = policy({
      subsets: SUBSETS,
      routes: [
        { match: [Match.header('end-user').exact('jason')], to: [Destination.subset('v2')] },
        {
          to: [Destination.subset('v1', { weight: 90 }), Destination.subset('v2', { weight: 10 })],
          timeout: Duration.seconds(3),
          retries: {
            attempts: 3,
            perTryTimeout: Duration.millis(1500),
            on: [RetryOn.GATEWAY_ERROR, RetryOn.CONNECT_FAILURE],
          },
        },
      ],
    });
    expect(manifests.map(title)).toEqual(['DestinationRule/shop/reviews', 'VirtualService/shop/reviews']);
    expect(manifests[0]).toMatchObject({
      apiVersion: 'networking.istio.io/v1',
      spec: {
        host: 'reviews',
        subsets: [
          { name: 'v1', labels: { version: 'v1' } },
          { name: 'v2', labels: { version: 'v2' } },
        ],
      },
    });
    expect(manifests[1]?.spec).toEqual({
      hosts: ['reviews'],
      http: [
        {
          match: [{ headers: { 'end-user': { exact: 'jason' } } }],
          route: [{ destination: { host: 'reviews', subset: 'v2' } }],
        },
        {
          route: [
            { destination: { host: 'reviews', subset: 'v1' }, weight: 90 },
            { destination: { host: 'reviews', subset: 'v2' }, weight: 10 },
          ],
          timeout: '3s',
          retries: { attempts: 3, perTryTimeout: '1.5s', retryOn: 'gateway-error,connect-failure' },
        },
      ],
    });
  });

  test('breaks circuits, without a route', () => {
    const manifests = policy({
      circuitBreaker: {
        maxConnections: 100,
        maxPendingRequests: 50,
        maxRequests: 200,
        consecutive5xxErrors: 5,
        interval: Duration.minutes(1),
        baseEjectionTime: Duration.seconds(30),
        maxEjectionPercent: 50,
      },
    });
    expect(manifests.map(title)).toEqual(['DestinationRule/shop/reviews']);
    expect(manifests[0]?.spec).toEqual({
      host: 'reviews',
      trafficPolicy: {
        connectionPool: { tcp: { maxConnections: 100 }, http: { http1MaxPendingRequests: 50, http2MaxRequests: 200 } },
        outlierDetection: {
          consecutive5xxErrors: 5,
          interval: '60s',
          baseEjectionTime: '30s',
          maxEjectionPercent: 50,
        },
      },
    });
  });

  test('takes all conditions of a match together', () => {
    const match = Match.uri()
      .prefix('/v1')
      .and(Match.method().exact('GET'))
      .and(Match.header('x-tier').regex('gold|silver'))
      .and(Match.header('end-user').exact('jason'))
      .and(Match.queryParam('debug').exact('1'))
      .and(Match.authority().exact('reviews'));
    const manifests = policy({ routes: [{ match: [match], to: [Destination.host({ port: 8080 })] }] });
    expect(named(manifests, 'VirtualService/shop/reviews').spec?.http).toEqual([
      {
        match: [
          {
            uri: { prefix: '/v1' },
            method: { exact: 'GET' },
            authority: { exact: 'reviews' },
            headers: { 'x-tier': { regex: 'gold|silver' }, 'end-user': { exact: 'jason' } },
            queryParams: { debug: { exact: '1' } },
          },
        ],
        route: [{ destination: { host: 'reviews', port: { number: 8080 } } }],
      },
    ]);
  });

  test.each([
    ['shop', 'reviews'],
    ['books', 'reviews.books.svc.cluster.local'],
  ])('takes a Service in namespace %s as host %s', (namespace, host) => {
    const chart = emptyChart();
    const service = new Service(chart, 'service', { metadata: { name: 'reviews', namespace }, ports: [{ port: 80 }] });
    new TrafficPolicy(chart, 'reviews', { namespace: 'shop', host: service, subsets: SUBSETS });
    expect(named(synthesized(chart), 'DestinationRule/shop/reviews').spec?.host).toBe(host);
  });

  const to = [Destination.host()];
  test.each<[string, TrafficRoute[], string]>([
    [
      'weights of which none is above 0',
      [{ to: [Destination.subset('v1', { weight: 0 }), Destination.subset('v2', { weight: 0 })] }],
      'routes[0].to has no weight above 0, so no destination gets requests: raise one of them',
    ],
    [
      'a missing weight',
      [{ to: [Destination.subset('v1', { weight: 90 }), Destination.subset('v2')] }],
      'routes[0].to has 2 destinations, 1 of them without a weight: give each a weight',
    ],
    [
      'an invalid weight',
      [{ to: [Destination.subset('v1', { weight: 0.5 })] }],
      'routes[0].to[0].weight 0.5 is out of range: write a whole number of at least 0',
    ],
    [
      'a subset that is not defined',
      [{ to: [Destination.subset('v3')] }],
      "routes[0].to names subset 'v3', which the prop subsets does not define (it defines 'v1', 'v2'): define it, or write another",
    ],
    [
      'no destination',
      [{ to: [] }],
      'routes[0].to is empty: name at least one destination, such as Destination.host()',
    ],
    [
      'an invalid port',
      [{ to: [Destination.host({ port: 0 })] }],
      'routes[0].to names port 0, which is not a port: write a whole number from 1 to 65535',
    ],
    [
      'a per-try timeout above the timeout',
      [{ to, timeout: Duration.seconds(1), retries: { attempts: 2, perTryTimeout: Duration.seconds(2) } }],
      'routes[0].retries.perTryTimeout 2s is longer than routes[0].timeout 1s: lower the former or raise the latter',
    ],
    [
      'an invalid number of attempts',
      [{ to, retries: { attempts: -1 } }],
      'routes[0].retries.attempts -1 is out of range: write a whole number of at least 0',
    ],
    [
      'retries that are off, yet described',
      [{ to, retries: { attempts: 0, on: [RetryOn.RESET] } }],
      "routes[0].retries.attempts 0 disables retries: leave out 'perTryTimeout' and 'on', or allow attempts",
    ],
    [
      'a timeout of nothing',
      [{ to, timeout: Duration.millis(0) }],
      'routes[0].timeout 0s is too short: write at least Duration.millis(1), or leave it out',
    ],
    [
      'a route that is never reached',
      [{ to }, { match: [Match.uri().exact('/')], to }],
      'routes[0] has no match and therefore matches every request, so routes[1] is never reached: move routes[0] to the end',
    ],
  ])('refuses %s', (_, routes, problem) => {
    expect(() => policy({ subsets: SUBSETS, routes })).toThrow(new Error(`TrafficPolicy mesh/reviews: ${problem}`));
  });

  test('reports all else that is wrong at once', () => {
    expect(() =>
      policy({
        name: 'Reviews',
        namespace: 'the shop',
        host: 'reviews:80',
        subsets: { V1: {}, v2: { version: 'two 2', 'a/b/c': '' } },
        circuitBreaker: { maxConnections: 0, maxEjectionPercent: 101, interval: Duration.millis(0) },
      }),
    ).toThrow(
      new Error(
        [
          "'Reviews' is not a valid object name: use lower-case letters, digits and hyphens, starting and ending with a letter or digit in the construct id, or set the prop name",
          "namespace 'the shop' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
          "host 'reviews:80' is not a host: write the name of a Service or a domain name, without a port",
          "subset 'V1' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
          "subset 'v2' { version: 'two 2' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
          "subset 'v2' { a/b/c: '' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
          'circuitBreaker.maxConnections 0 is out of range: write a whole number of at least 1',
          'circuitBreaker.maxEjectionPercent 101 is out of range: write a whole number from 0 to 100',
          'circuitBreaker.interval 0s is too short: write at least Duration.millis(1), or leave it out',
        ]
          .map((line) => `TrafficPolicy mesh/reviews: ${line}`)
          .join('\n'),
      ),
    );
  });

  test('refuses a policy without routes, subsets or limits', () => {
    expect(() => policy({ routes: [] })).toThrow(
      new Error("TrafficPolicy mesh/reviews: is empty for host 'reviews': set routes, subsets or circuitBreaker"),
    );
  });
});
