import { Duration } from 'cdk8s';
import {
  HashKey,
  LoadBalancingAlgorithm,
  LocalityLoadBalancing,
  type CircuitBreaker,
  type HttpConnectionPool,
} from 'istio-module';
import { destinationRule, settings, subsets, wrong, type WrongInput } from './wrong-input';

const outlier = (fields: object) => destinationRule({ outlierDetection: fields });
const pool = (fields: object) => destinationRule({ connectionPool: fields });
const balancer = (fields: object) => destinationRule({ loadBalancer: fields });
const locality = (fields: object) => balancer({ localityLbSetting: { enabled: true, ...fields } });
const warmup = (fields: object) => balancer({ simple: 'ROUND_ROBIN', warmup: { duration: '1s', ...fields } });
const breaker = (circuitBreaker: CircuitBreaker) => settings({ circuitBreaker });
const connections = (fields: HttpConnectionPool) => settings({ connectionPool: { http: fields } });
const balanced = (algorithm: LoadBalancingAlgorithm) => settings({ loadBalancing: { algorithm } });
const placed = (one: LocalityLoadBalancing) =>
  settings({ circuitBreaker: { consecutive5xxErrors: 5 }, loadBalancing: { locality: one } });
const key = HashKey.SOURCE_IP;
const distribute = (...all: readonly [string, Record<string, number>][]) => all.map(([from, to]) => ({ from, to }));

/** Mistakes in how clients deal with failures and choose pods. */
export const resiliency: readonly WrongInput[] = [
  wrong(
    'a policy of a port that says nothing',
    destinationRule({ portLevelSettings: [{ port: { number: 80 } }] }),
    settings({ ports: { 80: {} } }),
    'ports[80] is empty',
  ),
  wrong(
    'a subset with a blank',
    subsets({ name: 'v 1', labels: { app: 'a' } }),
    settings({ subsets: { 'v 1': { app: 'a' } } }),
    'is not a valid name',
  ),
  wrong(
    'an invalid label of a subset',
    subsets({ name: 'v1', labels: { 'a b': 'a' } }),
    settings({ subsets: { v1: { 'a b': 'a' } } }),
    'is not a valid label',
  ),
  wrong('101 % ejected', outlier({ maxEjectionPercent: 101 }), breaker({ maxEjectionPercent: 101 }), 'out of range'),
  wrong('-1 % healthy', outlier({ minHealthPercent: -1 }), breaker({ minHealthPercent: -1 }), 'out of range'),
  wrong('-1 errors', outlier({ consecutive5xxErrors: -1 }), breaker({ consecutive5xxErrors: -1 }), 'out of range'),
  wrong(
    'half an error',
    outlier({ consecutiveGatewayErrors: 0.5 }),
    breaker({ consecutiveGatewayErrors: 0.5 }),
    'out of range',
  ),
  wrong(
    'an interval of nothing',
    outlier({ interval: '0s' }),
    breaker({ interval: Duration.seconds(0) }),
    'is too short',
  ),
  wrong(
    'an ejection too exact',
    outlier({ baseEjectionTime: '1.0005s' }),
    breaker({ baseEjectionTime: Duration.seconds(1.0005) }),
    'is too precise',
  ),
  wrong('-1 connections', pool({ tcp: { maxConnections: -1 } }), breaker({ maxConnections: -1 }), 'out of range'),
  wrong(
    '-1 requests that wait',
    pool({ http: { http1MaxPendingRequests: -1 } }),
    breaker({ maxPendingRequests: -1 }),
    'out of range',
  ),
  wrong('-1 requests', pool({ http: { http2MaxRequests: -1 } }), breaker({ maxRequests: -1 }), 'out of range'),
  wrong('-1 retries', pool({ http: { maxRetries: -1 } }), breaker({ maxRetries: -1 }), 'out of range'),
  wrong(
    'more than int32 counts',
    pool({ tcp: { maxConnections: 2 ** 31 } }),
    breaker({ maxConnections: 2 ** 31 }),
    'range',
  ),
  wrong(
    '-1 requests for each connection',
    pool({ http: { maxRequestsPerConnection: -1 } }),
    connections({ maxRequestsPerConnection: -1 }),
    'out of range',
  ),
  wrong('-1 streams', pool({ http: { maxConcurrentStreams: -1 } }), connections({ maxConcurrentStreams: -1 }), 'range'),
  wrong(
    'no time without a request',
    pool({ http: { idleTimeout: '0s' } }),
    connections({ idleTimeout: Duration.seconds(0) }),
    'is too short',
  ),
  wrong(
    'two versions of HTTP',
    pool({ http: { h2UpgradePolicy: 'UPGRADE', useClientProtocol: true } }),
    connections({ h2Upgrade: true, useClientProtocol: true }),
    'contradict each other',
  ),
  wrong(
    'no time to connect',
    pool({ tcp: { connectTimeout: '0s' } }),
    settings({ connectionPool: { tcp: { connectTimeout: Duration.seconds(0) } } }),
    'is too short',
  ),
  wrong(
    '-1 probes',
    pool({ tcp: { tcpKeepalive: { probes: -1 } } }),
    settings({ connectionPool: { tcp: { keepalive: { probes: -1 } } } }),
    'out of range',
  ),
  wrong(
    'probes all the time',
    pool({ tcp: { tcpKeepalive: { interval: '0s' } } }),
    settings({ connectionPool: { tcp: { keepalive: { interval: Duration.seconds(0) } } } }),
    'write at least 1 second',
  ),
  wrong(
    'a cookie without a name',
    balancer({ consistentHash: { httpCookie: { name: '' } } }),
    balanced(LoadBalancingAlgorithm.ringHash(HashKey.cookie(''))),
    "cookie ''",
  ),
  wrong(
    'a table of nothing',
    balancer({ consistentHash: { useSourceIp: true, maglev: { tableSize: 0 } } }),
    balanced(LoadBalancingAlgorithm.maglev(key, { tableSize: 0 })),
    'not a prime number',
  ),
  wrong(
    'a table too large',
    balancer({ consistentHash: { useSourceIp: true, maglev: { tableSize: 5_000_011 } } }),
    balanced(LoadBalancingAlgorithm.maglev(key, { tableSize: 5_000_011 })),
    'below 5000011',
  ),
  wrong(
    'a table of a power of two',
    balancer({ consistentHash: { useSourceIp: true, maglev: { tableSize: 65_536 } } }),
    balanced(LoadBalancingAlgorithm.maglev(key, { tableSize: 65_536 })),
    'not a prime number',
  ),
  wrong(
    'a ring of -1',
    balancer({ consistentHash: { useSourceIp: true, ringHash: { minimumRingSize: -1 } } }),
    balanced(LoadBalancingAlgorithm.ringHash(key, { minimumRingSize: -1 })),
    'out of range',
  ),
  wrong(
    'shares of 90',
    locality({ distribute: distribute(['eu/*', { 'eu/*': 90 }]) }),
    placed(LocalityLoadBalancing.distribute(...distribute(['eu/*', { 'eu/*': 90 }]))),
    '90 = 90',
  ),
  wrong(
    'a share of nothing',
    locality({ distribute: distribute(['eu/*', { 'eu/*': 100, us: 0 }]) }),
    placed(LocalityLoadBalancing.distribute(...distribute(['eu/*', { 'eu/*': 100, us: 0 }]))),
    'share 0',
  ),
  wrong(
    'places that overlap',
    locality({ distribute: distribute(['eu/*', { us: 100 }], ['eu/a', { us: 100 }]) }),
    placed(LocalityLoadBalancing.distribute(...distribute(['eu/*', { us: 100 }], ['eu/a', { us: 100 }]))),
    'which overlap',
  ),
  wrong(
    'a star in the middle',
    locality({ distribute: distribute(['eu/*/a', { us: 100 }]) }),
    placed(LocalityLoadBalancing.distribute(...distribute(['eu/*/a', { us: 100 }]))),
    'is not a locality',
  ),
  wrong(
    'a place without a region',
    locality({ distribute: distribute(['/a', { us: 100 }]) }),
    placed(LocalityLoadBalancing.distribute(...distribute(['/a', { us: 100 }]))),
    'is not a locality',
  ),
  wrong(
    'failover to where it failed',
    locality({ failover: [{ from: 'eu', to: 'eu' }] }),
    placed(LocalityLoadBalancing.failover({ from: 'eu', to: 'eu' })),
    'to itself',
  ),
  wrong(
    'failover of a zone',
    locality({ failover: [{ from: 'eu/a', to: 'us' }] }),
    placed(LocalityLoadBalancing.failover({ from: 'eu/a', to: 'us' })),
    'is not a region',
  ),
  wrong(
    'failover to anywhere',
    locality({ failover: [{ from: 'eu', to: '*' }] }),
    placed(LocalityLoadBalancing.failover({ from: 'eu', to: '*' })),
    'is not a region',
  ),
  wrong(
    'no time to warm up',
    warmup({ duration: '0s' }),
    settings({ loadBalancing: { warmup: { duration: Duration.seconds(0) } } }),
    'is too short',
  ),
  wrong(
    'a start with 101 %',
    warmup({ minimumPercent: 101 }),
    settings({ loadBalancing: { warmup: { duration: Duration.seconds(1), minimumPercent: 101 } } }),
    'out of range',
  ),
  wrong(
    'no growth',
    warmup({ aggression: 0 }),
    settings({ loadBalancing: { warmup: { duration: Duration.seconds(1), aggression: 0 } } }),
    'out of range',
  ),
];
