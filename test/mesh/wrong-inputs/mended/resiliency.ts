import { Duration } from 'cdk8s';
import {
  HashKey,
  LoadBalancingAlgorithm,
  LocalityLoadBalancing,
  type CircuitBreaker,
  type HttpConnectionPool,
} from 'istio-module';
import { settings } from '../wrong-input';
import type { MendedInputs } from './mended-input';

const breaker = (circuitBreaker: CircuitBreaker) => settings({ circuitBreaker });
const connections = (http: HttpConnectionPool) => settings({ connectionPool: { http } });
const balanced = (algorithm: LoadBalancingAlgorithm) => settings({ loadBalancing: { algorithm } });
const placed = (locality: LocalityLoadBalancing) =>
  settings({ circuitBreaker: { consecutive5xxErrors: 5 }, loadBalancing: { locality } });
const distributed = (...all: readonly [string, Record<string, number>][]) =>
  placed(LocalityLoadBalancing.distribute(...all.map(([from, to]) => ({ from, to }))));
const warmup = (fields: object) =>
  settings({ loadBalancing: { warmup: { duration: Duration.seconds(1), ...fields } } });
const key = HashKey.SOURCE_IP;

/** What is advised instead of the mistakes in how clients deal with failures and choose pods. */
export const mendedResiliency: MendedInputs = {
  'a policy of a port that says nothing': [
    'set circuitBreaker or clientTls, or leave it out',
    settings({ ports: { 80: { circuitBreaker: { consecutive5xxErrors: 5 } } } }),
  ],
  'a subset with a blank': [
    'write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit',
    settings({ subsets: { 'v-1': { app: 'a' } } }),
  ],
  'an invalid label of a subset': [
    "write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    settings({ subsets: { v1: { 'a-b': 'a' } } }),
  ],
  '101 % ejected': [
    'write a whole number from 0 to 100',
    breaker({ consecutive5xxErrors: 5, maxEjectionPercent: 100 }),
  ],
  '-1 % healthy': ['write a whole number from 0 to 100', breaker({ consecutive5xxErrors: 5, minHealthPercent: 0 })],
  '-1 errors': ['write a whole number of at least 0', breaker({ consecutive5xxErrors: 1 })],
  'half an error': ['write a whole number of at least 0', breaker({ consecutiveGatewayErrors: 1 })],
  'an interval of nothing': [
    'write at least Duration.millis(1), or leave it out',
    breaker({ consecutive5xxErrors: 5, interval: Duration.millis(1) }),
  ],
  'an ejection too exact': [
    'write a whole number of milliseconds',
    breaker({ consecutive5xxErrors: 5, baseEjectionTime: Duration.millis(1001) }),
  ],
  '-1 connections': ['write a whole number of at least 1', breaker({ maxConnections: 1 })],
  '-1 requests that wait': ['write a whole number of at least 1', breaker({ maxPendingRequests: 1 })],
  '-1 requests': ['write a whole number of at least 1', breaker({ maxRequests: 1 })],
  '-1 retries': ['write a whole number of at least 1', breaker({ maxRetries: 1 })],
  'more than int32 counts': ['write a whole number of at least 1', breaker({ maxConnections: 2 ** 31 - 1 })],
  '-1 requests for each connection': [
    'write a whole number from 1 to 536870912',
    connections({ maxRequestsPerConnection: 1 }),
  ],
  '-1 streams': ['write a whole number of at least 1', connections({ maxConcurrentStreams: 1 })],
  'no time without a request': [
    'write at least Duration.millis(1), or leave it out',
    connections({ idleTimeout: Duration.millis(1) }),
  ],
  'two versions of HTTP': ['leave out one of them', connections({ h2Upgrade: true })],
  'no time to connect': [
    'write at least Duration.millis(1), or leave it out',
    settings({ connectionPool: { tcp: { connectTimeout: Duration.millis(1) } } }),
  ],
  '-1 probes': [
    'write a whole number of at least 1',
    settings({ connectionPool: { tcp: { keepalive: { probes: 1 } } } }),
  ],
  'probes all the time': [
    'write at least 1 second, without a fraction',
    settings({ connectionPool: { tcp: { keepalive: { interval: Duration.seconds(1) } } } }),
  ],
  'a cookie without a name': ['write another', balanced(LoadBalancingAlgorithm.ringHash(HashKey.cookie('user')))],
  'a table of nothing': ['write one, such as 65537', balanced(LoadBalancingAlgorithm.maglev(key, { tableSize: 2 }))],
  'a table too large': [
    'write one, such as 65537',
    balanced(LoadBalancingAlgorithm.maglev(key, { tableSize: 65_537 })),
  ],
  'a table of a power of two': [
    'write one, such as 65537',
    balanced(LoadBalancingAlgorithm.maglev(key, { tableSize: 65_537 })),
  ],
  'a ring of -1': [
    'write a whole number from 1 to 8388608',
    balanced(LoadBalancingAlgorithm.ringHash(key, { minimumRingSize: 1 })),
  ],
  'shares of 90': ['change them to add up to 100', distributed(['eu/*', { 'eu/*': 90, us: 10 }])],
  'a share of nothing': ['write a whole number from 1 to 100', distributed(['eu/*', { 'eu/*': 99, us: 1 }])],
  'places that overlap': ['leave out one of them', distributed(['eu/*', { us: 100 }])],
  'a star in the middle': [
    'write region/zone/subzone, or a part of it with * at the end',
    distributed(['eu/a/*', { us: 100 }]),
  ],
  'a place without a region': [
    'write region/zone/subzone, or a part of it with * at the end',
    distributed(['eu/a', { us: 100 }]),
  ],
  'failover to where it failed': [
    'name another region',
    placed(LocalityLoadBalancing.failover({ from: 'eu', to: 'us' })),
  ],
  'failover of a zone': [
    'write the name of a region, without zone or *',
    placed(LocalityLoadBalancing.failover({ from: 'eu', to: 'us' })),
  ],
  'failover to anywhere': [
    'write the name of a region, without zone or *',
    placed(LocalityLoadBalancing.failover({ from: 'eu', to: 'us' })),
  ],
  'no time to warm up': [
    'write at least Duration.millis(1), or leave it out',
    warmup({ duration: Duration.millis(1) }),
  ],
  'a start with 101 %': ['write a number from 0 to 100', warmup({ minimumPercent: 100 })],
  'no growth': ['write a number above 0', warmup({ aggression: 1 })],
};
