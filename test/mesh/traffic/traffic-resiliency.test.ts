import { Duration } from 'cdk8s';
import {
  HashKey,
  LoadBalancingAlgorithm,
  LocalityLoadBalancing,
  Subset,
  TrafficPolicy,
  type LoadBalancing,
  type TrafficPolicyProps,
} from 'istio-module';
import { emptyChart, named, synthesized, title } from '../synthesis';

const EJECTING = { consecutive5xxErrors: 5 };

function trafficPolicy(props: Partial<TrafficPolicyProps>): unknown {
  const chart = emptyChart();
  new TrafficPolicy(chart, 'reviews', { namespace: 'shop', host: 'reviews', ...props });
  const manifests = synthesized(chart);
  expect(manifests.map(title)).toEqual(['DestinationRule/shop/reviews']);
  return named(manifests, 'DestinationRule/shop/reviews').spec?.trafficPolicy;
}

/** A policy whose settings are not its own properties. */
class Limits {
  get circuitBreaker() {
    return { maxConnections: 5 };
  }
}

const loadBalancer = (loadBalancing: LoadBalancing) =>
  trafficPolicy({ loadBalancing, circuitBreaker: EJECTING }) as { loadBalancer: unknown };

describe('a TrafficPolicy', () => {
  test('renders the policy of a subset, also if its class defines the settings', () => {
    const chart = emptyChart();
    const subsets = { v1: Subset.labels({ version: 'v1' }, new Limits()), v2: { version: 'v2' } };
    new TrafficPolicy(chart, 'reviews', { namespace: 'shop', host: 'reviews', subsets });
    expect(named(synthesized(chart), 'DestinationRule/shop/reviews').spec?.subsets).toEqual([
      {
        name: 'v1',
        labels: { version: 'v1' },
        trafficPolicy: { connectionPool: { tcp: { maxConnections: 5 } } },
      },
      { name: 'v2', labels: { version: 'v2' } },
    ]);
  });

  test('ejects pods for each kind of failure', () => {
    expect(
      trafficPolicy({
        circuitBreaker: {
          maxRetries: 3,
          consecutive5xxErrors: 7,
          consecutiveGatewayErrors: 3,
          consecutiveLocalOriginFailures: 2,
          interval: Duration.seconds(5),
          baseEjectionTime: Duration.minutes(1),
          maxEjectionPercent: 50,
          minHealthPercent: 30,
        },
      }),
    ).toEqual({
      connectionPool: { http: { maxRetries: 3 } },
      outlierDetection: {
        consecutive5xxErrors: 7,
        consecutiveGatewayErrors: 3,
        splitExternalLocalOriginErrors: true,
        consecutiveLocalOriginFailures: 2,
        interval: '5s',
        baseEjectionTime: '60s',
        maxEjectionPercent: 50,
        minHealthPercent: 30,
      },
    });
  });

  test('keeps connections, beside the limits of its circuit breaker', () => {
    expect(
      trafficPolicy({
        circuitBreaker: { maxConnections: 10, maxRequests: 20 },
        connectionPool: {
          tcp: {
            connectTimeout: Duration.millis(250),
            maxConnectionDuration: Duration.hours(1),
            idleTimeout: Duration.millis(0),
            keepalive: { probes: 3, time: Duration.minutes(5), interval: Duration.seconds(30) },
          },
          http: {
            maxRequestsPerConnection: 1,
            idleTimeout: Duration.minutes(2),
            h2Upgrade: true,
            maxConcurrentStreams: 100,
          },
        },
      }),
    ).toEqual({
      connectionPool: {
        tcp: {
          maxConnections: 10,
          connectTimeout: '0.25s',
          maxConnectionDuration: '3600s',
          idleTimeout: '0s',
          tcpKeepalive: { probes: 3, time: '300s', interval: '30s' },
        },
        http: {
          http2MaxRequests: 20,
          maxRequestsPerConnection: 1,
          idleTimeout: '120s',
          h2UpgradePolicy: 'UPGRADE',
          maxConcurrentStreams: 100,
        },
      },
    });
  });

  test('keeps the version of HTTP, and probes as the operating system does', () => {
    expect(
      trafficPolicy({
        connectionPool: { tcp: { keepalive: {} }, http: { h2Upgrade: false, useClientProtocol: true } },
      }),
    ).toEqual({
      connectionPool: {
        tcp: { tcpKeepalive: {} },
        http: { h2UpgradePolicy: 'DO_NOT_UPGRADE', useClientProtocol: true },
      },
    });
  });

  test.each<[string, LoadBalancingAlgorithm, object]>([
    ['LEAST_REQUEST', LoadBalancingAlgorithm.LEAST_REQUEST, { simple: 'LEAST_REQUEST' }],
    ['ROUND_ROBIN', LoadBalancingAlgorithm.ROUND_ROBIN, { simple: 'ROUND_ROBIN' }],
    ['RANDOM', LoadBalancingAlgorithm.RANDOM, { simple: 'RANDOM' }],
    ['PASSTHROUGH', LoadBalancingAlgorithm.PASSTHROUGH, { simple: 'PASSTHROUGH' }],
    [
      'a header, on a ring',
      LoadBalancingAlgorithm.ringHash(HashKey.header('x-user'), { minimumRingSize: 2048 }),
      { consistentHash: { httpHeaderName: 'x-user', ringHash: { minimumRingSize: 2048 } } },
    ],
    [
      'a cookie that is made',
      LoadBalancingAlgorithm.ringHash(HashKey.cookie('shop', { ttl: Duration.seconds(0), path: '/' })),
      { consistentHash: { httpCookie: { name: 'shop', path: '/', ttl: '0s' } } },
    ],
    [
      'the client, in a table',
      LoadBalancingAlgorithm.maglev(HashKey.SOURCE_IP),
      { consistentHash: { useSourceIp: true, maglev: { tableSize: 65537 } } },
    ],
    [
      'a query parameter, in a table',
      LoadBalancingAlgorithm.maglev(HashKey.queryParameter('id'), { tableSize: 101 }),
      { consistentHash: { httpQueryParameterName: 'id', maglev: { tableSize: 101 } } },
    ],
  ])('balances by %s', (_, algorithm, expected) => {
    expect(loadBalancer({ algorithm }).loadBalancer).toEqual(expected);
  });

  test.each<[string, LocalityLoadBalancing, object]>([
    ['are of no interest', LocalityLoadBalancing.DISABLED, { enabled: false }],
    [
      'fail over',
      LocalityLoadBalancing.failover({ from: 'eu-west', to: 'eu-central' }),
      { enabled: true, failover: [{ from: 'eu-west', to: 'eu-central' }] },
    ],
    [
      'fail over by labels',
      LocalityLoadBalancing.failoverPriority('topology.kubernetes.io/zone', 'version=v1'),
      { enabled: true, failoverPriority: ['topology.kubernetes.io/zone', 'version=v1'] },
    ],
    [
      'get their shares',
      LocalityLoadBalancing.distribute({ from: 'eu/a/*', to: { 'eu/a/*': 80, 'eu/b/*': 20 } }),
      { enabled: true, distribute: [{ from: 'eu/a/*', to: { 'eu/a/*': 80, 'eu/b/*': 20 } }] },
    ],
  ])('can say that localities %s', (_, locality, expected) => {
    expect(loadBalancer({ locality }).loadBalancer).toEqual({ localityLbSetting: expected });
  });

  test('warms pods up', () => {
    expect(
      loadBalancer({ warmup: { duration: Duration.minutes(1), minimumPercent: 5, aggression: 1.5 } }).loadBalancer,
    ).toEqual({ warmup: { duration: '60s', minimumPercent: 5, aggression: 1.5 } });
  });
});

describe('a TrafficPolicy refuses', () => {
  const { failover, failoverPriority, distribute } = LocalityLoadBalancing;
  const { ringHash, maglev } = LoadBalancingAlgorithm;
  const locality = (one: LocalityLoadBalancing) => ({ loadBalancing: { locality: one }, circuitBreaker: EJECTING });

  test.each<[string, Partial<TrafficPolicyProps>, ...string[]]>([
    [
      'limits out of range',
      { circuitBreaker: { maxRetries: 0, minHealthPercent: 101, consecutiveLocalOriginFailures: 1.5 } },
      'circuitBreaker.maxRetries 0 is out of range: write a whole number of at least 1',
      'circuitBreaker.consecutiveLocalOriginFailures 1.5 is out of range: write a whole number of at least 0',
      'circuitBreaker.minHealthPercent 101 is out of range: write a whole number from 0 to 100',
    ],
    [
      'errors that are counted before',
      { circuitBreaker: { consecutiveGatewayErrors: 5 } },
      'circuitBreaker.consecutiveGatewayErrors 5 has no effect, because consecutive5xxErrors 5 counts the same errors: write a lower number, or set consecutive5xxErrors to a higher number or 0',
    ],
    [
      'connections out of range',
      {
        connectionPool: {
          tcp: {
            connectTimeout: Duration.millis(0),
            maxConnectionDuration: Duration.millis(0.5),
            idleTimeout: Duration.millis(1.5),
            keepalive: { probes: 0, time: Duration.millis(1500), interval: Duration.millis(0) },
          },
          http: {
            maxRequestsPerConnection: 2 ** 29 + 1,
            maxConcurrentStreams: 0,
            idleTimeout: Duration.millis(0),
            h2Upgrade: true,
            useClientProtocol: true,
          },
        },
      },
      'connectionPool.tcp.connectTimeout 0s is too short: write at least Duration.millis(1), or leave it out',
      'connectionPool.tcp.maxConnectionDuration 0.0005s is too short: write at least Duration.millis(1), or leave it out',
      'connectionPool.tcp.idleTimeout 0.0015s is too precise: write a whole number of milliseconds',
      'connectionPool.tcp.keepalive.probes 0 is out of range: write a whole number of at least 1',
      'connectionPool.tcp.keepalive.time 1.5s is not a whole number of seconds: write at least 1 second, without a fraction',
      'connectionPool.tcp.keepalive.interval 0s is not a whole number of seconds: write at least 1 second, without a fraction',
      'connectionPool.http.maxRequestsPerConnection 536870913 is out of range: write a whole number from 1 to 536870912',
      'connectionPool.http.maxConcurrentStreams 0 is out of range: write a whole number of at least 1',
      'connectionPool.http.idleTimeout 0s is too short: write at least Duration.millis(1), or leave it out',
      'connectionPool.http has both h2Upgrade and useClientProtocol, which contradict each other: leave out one of them',
    ],
    [
      'a ring out of range, of an invalid header',
      { loadBalancing: { algorithm: ringHash(HashKey.header('x y'), { minimumRingSize: 0 }) } },
      "loadBalancing.algorithm header 'x y' is not a valid header name: write another",
      'loadBalancing.algorithm minimumRingSize 0 is out of range: write a whole number from 1 to 8388608',
    ],
    [
      'a table whose size is not prime',
      { loadBalancing: { algorithm: maglev(HashKey.cookie(''), { tableSize: 65536 }) } },
      "loadBalancing.algorithm cookie '' is not a valid cookie name: write another",
      'loadBalancing.algorithm tableSize 65536 is not a prime number below 5000011: write one, such as 65537',
    ],
    [
      'a table that is too large',
      { loadBalancing: { algorithm: maglev(HashKey.queryParameter(''), { tableSize: 5_000_011 }) } },
      'loadBalancing.algorithm query parameter has an empty name: write its name',
      'loadBalancing.algorithm tableSize 5000011 is not a prime number below 5000011: write one, such as 65537',
    ],
    [
      'failover without ejection',
      { loadBalancing: { locality: failover({ from: 'a', to: 'b' }) }, circuitBreaker: { maxRequests: 5 } },
      'loadBalancing.locality fails over only when pods are ejected: set circuitBreaker, such as { consecutive5xxErrors: 5 }',
    ],
    [
      'failover to itself, or to no region',
      locality(failover({ from: 'a', to: 'a' }, { from: 'a/b', to: '*' })),
      "loadBalancing.locality has a failover from 'a' to itself: name another region",
      "loadBalancing.locality has failover region 'a/b', which is not a region: write the name of a region, without zone or *",
      "loadBalancing.locality has failover region '*', which is not a region: write the name of a region, without zone or *",
    ],
    [
      'failover by no label',
      locality(failoverPriority()),
      'loadBalancing.locality has a failover priority without labels: name one, such as topology.kubernetes.io/zone',
    ],
    [
      'shares that do not add up',
      locality(distribute({ from: 'a', to: { a: 80, b: 30 } })),
      "loadBalancing.locality from 'a' has shares 80 + 30 = 110: change them to add up to 100",
    ],
    [
      'shares of nothing',
      locality(distribute({ from: '*/a', to: { a: 100, b: 0 } })),
      "loadBalancing.locality names '*/a', which is not a locality: write region/zone/subzone, or a part of it with * at the end",
      "loadBalancing.locality from '*/a' has share 0 for 'b': write a whole number from 1 to 100",
    ],
    [
      'localities that overlap',
      locality(distribute({ from: 'a', to: { 'b/*': 50, 'b/c': 50 } })),
      "loadBalancing.locality from 'a' names 'b/c' and 'b/*', which overlap: leave out one of them",
    ],
    [
      'no shares',
      locality(distribute()),
      "loadBalancing.locality has an empty distribution: name a locality, such as { from: 'eu-west/*', to: { 'eu-west/*': 100 } }",
    ],
    [
      'a warm-up out of range, of what cannot warm up',
      {
        loadBalancing: {
          algorithm: LoadBalancingAlgorithm.RANDOM,
          warmup: { duration: Duration.millis(0), minimumPercent: 101, aggression: 0 },
        },
      },
      'loadBalancing.warmup.duration 0s is too short: write at least Duration.millis(1), or leave it out',
      'loadBalancing.warmup.minimumPercent 101 is out of range: write a number from 0 to 100',
      'loadBalancing.warmup.aggression 0 is out of range: write a number above 0',
      'loadBalancing.warmup has no effect with RANDOM: choose LoadBalancingAlgorithm.LEAST_REQUEST or ROUND_ROBIN, or leave it out',
    ],
  ])('%s', (_, props, ...problems) => {
    expect(() => trafficPolicy(props)).toThrow(
      new Error(problems.map((problem) => `TrafficPolicy mesh/reviews: ${problem}`).join('\n')),
    );
  });
});
