import {
  ClientTls,
  HashKey,
  LoadBalancingAlgorithm,
  LocalityLoadBalancing,
  Subset,
  type CircuitBreaker,
  type ConnectionPool,
  type DestinationPolicy,
  type HttpConnectionPool,
  type InboundConnectionPool,
  type LoadBalancing,
  type PortPolicy,
  type RegionFailover,
  type TcpConnectionPool,
  type TrafficPolicyProps,
  type Tunnel,
  type Warmup,
} from 'istio-module';
import { Duration } from 'cdk8s';
import type { Fields } from './fields';

/** The policy that stands for a DestinationRule. */
export function policyOfDestinationRule(spec: Fields, namespace: string): TrafficPolicyProps {
  return {
    namespace,
    host: spec.text('host') ?? '',
    subsets: Object.fromEntries(spec.list('subsets').map((subset) => [subset.text('name') ?? '', subsetOf(subset)])),
    clients: spec.of('workloadSelector')?.map('matchLabels'),
    exportTo: spec.texts('exportTo'),
    ...spec.with('trafficPolicy', policy),
  };
}

function subsetOf(fields: Fields): Subset {
  return Subset.labels(fields.map('labels') ?? {}, fields.with('trafficPolicy', policy) ?? {});
}

function policy(fields: Fields): DestinationPolicy {
  return {
    ...portPolicy(fields),
    ports: Object.fromEntries(
      fields.list('portLevelSettings').map((port) => [String(port.of('port')?.number('number')), portPolicy(port)]),
    ),
    tunnel: fields.with('tunnel', (tunnel) => ({
      targetHost: tunnel.text('targetHost') ?? '',
      targetPort: tunnel.number('targetPort') ?? 0,
      protocol: tunnel.text<NonNullable<Tunnel['protocol']>>('protocol'),
    })),
    proxyProtocol: fields.with('proxyProtocol', (protocol) => protocol.text('version') ?? 'V1'),
  };
}

function portPolicy(fields: Fields): PortPolicy {
  const pool = fields.of('connectionPool');
  const outliers = fields.of('outlierDetection');
  return {
    circuitBreaker: { ...(outliers && ejection(outliers)), ...(pool && limits(pool)) },
    connectionPool: pool && connectionPool(pool),
    loadBalancing: fields.with('loadBalancer', loadBalancing),
    clientTls: fields.with('tls', clientTls),
  };
}

function ejection(fields: Fields): CircuitBreaker {
  return {
    consecutive5xxErrors: fields.number('consecutive5xxErrors'),
    consecutiveGatewayErrors: fields.number('consecutiveGatewayErrors'),
    consecutiveLocalOriginFailures: fields.number('consecutiveLocalOriginFailures'),
    interval: fields.duration('interval'),
    baseEjectionTime: fields.duration('baseEjectionTime'),
    maxEjectionPercent: fields.number('maxEjectionPercent'),
    minHealthPercent: fields.number('minHealthPercent'),
  };
}

function limits(pool: Fields): CircuitBreaker {
  const http = pool.of('http');
  return {
    maxConnections: pool.of('tcp')?.number('maxConnections'),
    maxPendingRequests: http?.number('http1MaxPendingRequests'),
    maxRequests: http?.number('http2MaxRequests'),
    maxRetries: http?.number('maxRetries'),
  };
}

function connectionPool(pool: Fields): ConnectionPool {
  return { tcp: pool.with('tcp', tcpPool), http: pool.with('http', httpPool) };
}

/** The connections that a Sidecar keeps with its application. */
export function inboundPool(pool: Fields): InboundConnectionPool {
  return { ...limits(pool), ...connectionPool(pool) };
}

function tcpPool(fields: Fields): TcpConnectionPool {
  return {
    connectTimeout: fields.duration('connectTimeout'),
    maxConnectionDuration: fields.duration('maxConnectionDuration'),
    idleTimeout: fields.duration('idleTimeout'),
    keepalive: fields.with('tcpKeepalive', (keepalive) => ({
      probes: keepalive.number('probes'),
      time: keepalive.duration('time'),
      interval: keepalive.duration('interval'),
    })),
  };
}

function httpPool(fields: Fields): HttpConnectionPool {
  const upgrade = fields.text('h2UpgradePolicy');
  return {
    maxRequestsPerConnection: fields.number('maxRequestsPerConnection'),
    idleTimeout: fields.duration('idleTimeout'),
    h2Upgrade: upgrade === undefined ? undefined : upgrade === 'UPGRADE',
    useClientProtocol: fields.flag('useClientProtocol'),
    maxConcurrentStreams: fields.number('maxConcurrentStreams'),
    http2KeepAlive: fields.with('http2KeepAlive', (probes) => ({
      interval: probes.duration('interval') ?? Duration.millis(0),
      timeout: probes.duration('timeout') ?? Duration.millis(0),
    })),
  };
}

function loadBalancing(fields: Fields): LoadBalancing {
  return {
    algorithm: algorithm(fields),
    locality: fields.with('localityLbSetting', locality) ?? fields.with('zoneAwareLbSetting', zoneAware),
    warmup: fields.with('warmup', (warmup): Warmup => ({
      duration: warmup.duration('duration') ?? Duration.millis(0),
      minimumPercent: warmup.number('minimumPercent'),
      aggression: warmup.number('aggression'),
    })),
  };
}

function algorithm(fields: Fields): LoadBalancingAlgorithm | undefined {
  const hash = fields.of('consistentHash');
  if (hash) {
    const maglev = hash.of('maglev');
    if (maglev) return LoadBalancingAlgorithm.maglev(hashKey(hash), { tableSize: sized(maglev.text('tableSize')) });
    return LoadBalancingAlgorithm.ringHash(hashKey(hash), {
      minimumRingSize: sized(hash.of('ringHash')?.text('minimumRingSize') ?? hash.text('minimumRingSize')),
    });
  }
  switch (fields.text('simple')) {
    case undefined:
      return undefined;
    case 'LEAST_REQUEST':
    case 'LEAST_CONN':
      return LoadBalancingAlgorithm.LEAST_REQUEST;
    case 'ROUND_ROBIN':
      return LoadBalancingAlgorithm.ROUND_ROBIN;
    case 'RANDOM':
      return LoadBalancingAlgorithm.RANDOM;
    case 'PASSTHROUGH':
      return LoadBalancingAlgorithm.PASSTHROUGH;
    default:
      return undefined;
  }
}

/** 64-bit numbers are strings in the JSON of protobuf. */
function sized(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function hashKey(hash: Fields): HashKey {
  const cookie = hash.of('httpCookie');
  if (cookie)
    return HashKey.cookie(cookie.text('name') ?? '', { ttl: cookie.duration('ttl'), path: cookie.text('path') });
  if (hash.has('httpHeaderName')) return HashKey.header(hash.text('httpHeaderName') ?? '');
  if (hash.has('httpQueryParameterName')) return HashKey.queryParameter(hash.text('httpQueryParameterName') ?? '');
  return HashKey.SOURCE_IP;
}

function locality(fields: Fields): LocalityLoadBalancing {
  if (fields.flag('enabled') === false) return LocalityLoadBalancing.DISABLED;
  if (fields.has('failoverPriority')) {
    return LocalityLoadBalancing.failoverPriority(...(fields.texts('failoverPriority') ?? []));
  }
  if (fields.has('distribute')) {
    return LocalityLoadBalancing.distribute(
      ...fields.list('distribute').map((share) => ({
        from: share.text('from') ?? '',
        to: (share.open('to') ?? {}) as Readonly<Record<string, number>>,
      })),
    );
  }
  return LocalityLoadBalancing.failover(...failovers(fields));
}

function zoneAware(fields: Fields): LocalityLoadBalancing {
  return LocalityLoadBalancing.zoneAware({
    failover: fields.has('failover') ? failovers(fields) : undefined,
    failoverPriority: fields.texts('failoverPriority'),
    minClusterSize: fields.number('minClusterSize'),
  });
}

function failovers(fields: Fields): RegionFailover[] {
  return fields.list('failover').map((one) => ({ from: one.text('from') ?? '', to: one.text('to') ?? '' }));
}

function clientTls(fields: Fields): ClientTls {
  const identity = { sni: fields.text('sni'), subjectAltNames: fields.texts('subjectAltNames') };
  const options = {
    ...identity,
    insecureSkipVerify: fields.flag('insecureSkipVerify'),
    credentialName: fields.text('credentialName'),
    caCertificates: fields.text('caCertificates'),
    caCrl: fields.text('caCrl'),
    clientCertificate: fields.text('clientCertificate'),
    privateKey: fields.text('privateKey'),
  };
  switch (fields.text('mode')) {
    case 'SIMPLE':
      return ClientTls.simple(options as Parameters<typeof ClientTls.simple>[0]);
    case 'MUTUAL':
      return ClientTls.mutual(options as Parameters<typeof ClientTls.mutual>[0]);
    case 'ISTIO_MUTUAL':
      return ClientTls.istioMutual(identity);
    default:
      return ClientTls.DISABLE;
  }
}
