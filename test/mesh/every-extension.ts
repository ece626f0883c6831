import { Duration, type Chart } from 'cdk8s';
import {
  AuthorizationPolicy,
  ClientTls,
  Condition,
  CustomTag,
  Destination,
  EnvoyFilter,
  EnvoyPatch,
  Gateway,
  Jwks,
  JwtAuthentication,
  MeshTelemetry,
  ReadinessProbe,
  Resolution,
  RetryOn,
  ServerTls,
  ServiceEntry,
  Sidecar,
  Subset,
  TrafficExtension,
  TrafficPolicy,
  WasmPlugin,
  WorkloadEntry,
  WorkloadGroup,
  WorkloadMode,
  WorkloadProxyConfig,
} from 'istio-module';

const WEB = { namespace: 'shop', workload: { app: 'web' } };
const TARGETS = [{ kind: 'Gateway', name: 'public' } as const];

/** Objects for what is rarely used: workloads outside Kubernetes, extensions of proxies, sockets and files. */
export function everyExtension(chart: Chart): void {
  new WorkloadProxyConfig(chart, 'threads', { ...WEB, concurrency: 2, imageType: 'debug' });
  new WorkloadProxyConfig(chart, 'variables', { namespace: 'shop', environmentVariables: { A: '1' } });
  new WorkloadEntry(chart, 'vm', {
    namespace: 'shop',
    address: '192.0.2.10',
    ports: { http: 8080 },
    labels: { app: 'vm' },
    locality: 'eu/a',
    weight: 2,
    network: 'vms',
    serviceAccount: 'vm',
  });
  new WorkloadEntry(chart, 'named', { namespace: 'shop', address: 'vm.example.com' });
  new WorkloadEntry(chart, 'socket-entry', { namespace: 'shop', address: 'unix:///var/run/socket' });
  const probe = { initialDelay: Duration.seconds(5), period: Duration.seconds(10), failureThreshold: 2 };
  new WorkloadGroup(chart, 'vms', {
    namespace: 'shop',
    labels: { app: 'vm' },
    annotations: { team: 'shop' },
    template: { ports: { http: 8080 }, serviceAccount: 'vm' },
    probe: ReadinessProbe.httpGet(8080, { ...probe, path: '/ready', scheme: 'HTTPS', headers: { 'x-probe': '1' } }),
  });
  new WorkloadGroup(chart, 'tcp', { namespace: 'shop', template: {}, probe: ReadinessProbe.tcpSocket(5432) });
  new WorkloadGroup(chart, 'command', { namespace: 'shop', template: {}, probe: ReadinessProbe.exec(['ready']) });
  new EnvoyFilter(chart, 'patches', {
    ...WEB,
    priority: -1,
    patches: [
      EnvoyPatch.httpFilter(
        { filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } } },
        {
          operation: 'INSERT_BEFORE',
          context: 'SIDECAR_INBOUND',
          value: {
            name: 'envoy.filters.http.buffer',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer',
              max_request_bytes: 1024,
            },
          },
        },
      ),
      EnvoyPatch.cluster({ service: 'db.shop.svc.cluster.local' }, { operation: 'REMOVE' }),
    ],
  });
  new WasmPlugin(chart, 'auth', {
    ...WEB,
    url: 'oci://registry.example.com/plugins/auth:1.0',
    sha256: 'a'.repeat(64),
    imagePullPolicy: 'Always',
    imagePullSecret: 'registry',
    pluginName: 'auth',
    pluginConfig: { realm: 'shop' },
    phase: 'AUTHN',
    priority: 10,
    failStrategy: 'FAIL_OPEN',
    type: 'HTTP',
    environment: { LEVEL: 'debug', POD_NAME: { fromProxy: true } },
    traffic: [{ mode: WorkloadMode.SERVER, ports: [8080] }],
  });
  new TrafficExtension(chart, 'script', {
    ...WEB,
    lua: 'function envoy_on_request(handle) handle:headers():add("x-shop", "web") end',
    phase: 'STATS',
    priority: 5,
    traffic: [{ mode: WorkloadMode.SERVER, ports: [8080] }],
  });
  new TrafficExtension(chart, 'module', {
    namespace: 'edge',
    targets: TARGETS,
    wasm: { url: 'oci://registry.example.com/plugins/auth:1.0', failStrategy: 'FAIL_OPEN' },
  });
  everyTarget(chart);
  everyPolicyOfPortsAndSubsets(chart);
  everyFileAndSocket(chart);
}

function everyTarget(chart: Chart): void {
  new AuthorizationPolicy(chart, 'targets', {
    namespace: 'edge',
    targets: TARGETS,
    rules: [{ from: [{ trustDomains: ['cluster.local'] }] }],
  });
  new AuthorizationPolicy(chart, 'tried-out', {
    ...WEB,
    dryRun: true,
    rules: [
      {
        when: [
          Condition.envoyFilter('envoy.filters.network.mysql_proxy', 'shop.orders').values('[select]'),
          Condition.destinationPort().values('3306'),
          Condition.sourceNamespace().values('shop'),
          Condition.remoteIp().notValues('192.0.2.0/24'),
        ],
      },
    ],
  });
  new JwtAuthentication(chart, 'tokens-of-targets', {
    namespace: 'edge',
    targets: TARGETS,
    jwtRules: [
      {
        issuer: 'https://a.example.com',
        jwks: Jwks.uri('http://keys.auth.svc.cluster.local/jwks'),
        spaceDelimitedClaims: ['roles'],
      },
    ],
  });
  new MeshTelemetry(chart, 'telemetry-of-targets', {
    namespace: 'edge',
    targets: TARGETS,
    tracing: {
      provider: 'otlp-tracing',
      disableContextPropagation: true,
      useRequestIdForTraceSampling: false,
      enableIstioTags: false,
      customTags: { tenant: CustomTag.formatter('%REQ(x-tenant)%') },
    },
  });
}

function everyPolicyOfPortsAndSubsets(chart: Chart): void {
  new TrafficPolicy(chart, 'in-parts', {
    namespace: 'shop',
    host: 'orders',
    clientTls: ClientTls.istioMutual({ sni: 'orders.example.com', subjectAltNames: ['spiffe://cluster.local/orders'] }),
    ports: { 8080: { circuitBreaker: { maxConnections: 10 }, clientTls: ClientTls.DISABLE } },
    proxyProtocol: 'V2',
    connectionPool: {
      http: { http2KeepAlive: { interval: Duration.seconds(10), timeout: Duration.seconds(2) } },
    },
    subsets: {
      v1: { version: 'v1' },
      v2: Subset.labels({ version: 'v2' }, { circuitBreaker: { maxRequests: 5 } }),
      tunneled: Subset.all({ tunnel: { targetHost: 'example.com', targetPort: 443, protocol: 'POST' } }),
    },
    routes: [
      {
        to: [Destination.subset('v1', { weight: 999 }), Destination.subset('v2', { weight: 1 })],
        retries: {
          attempts: 2,
          on: [503, RetryOn.RETRIABLE_HEADERS],
          backoff: Duration.millis(100),
          retryIgnorePreviousHosts: false,
        },
      },
    ],
  });
  new TrafficPolicy(chart, 'several', {
    namespace: 'shop',
    hosts: ['several.example.com'],
    gateways: ['edge/files'],
    routes: [{ to: [Destination.otherHost('web', { weight: 2 }), Destination.otherHost('orders', { weight: 1 })] }],
  });
  new TrafficPolicy(chart, 'unverified', {
    namespace: 'shop',
    host: 'api.example.com',
    clientTls: ClientTls.simple({ insecureSkipVerify: true, sni: 'api.example.com' }),
  });
}

function everyFileAndSocket(chart: Chart): void {
  const files = { serverCertificate: '/tls/crt', privateKey: '/tls/key' };
  new Gateway(chart, 'files', {
    namespace: 'edge',
    selector: { istio: 'files' },
    servers: [
      {
        port: 443,
        protocol: 'HTTPS',
        hosts: ['*.example.com'],
        bind: '10.0.0.1',
        tls: ServerTls.mutual({ files, caCertificates: '/tls/ca', caCrl: '/tls/crl', verifyCertificateHash: ['a'] }),
      },
      { port: 8443, protocol: 'HTTPS', hosts: ['10.0.0.1'], tls: ServerTls.simple({ files: [files, files] }) },
    ],
  });
  new Sidecar(chart, 'sockets', {
    ...WEB,
    inboundConnectionPool: { maxConnections: 100 },
    ingress: [
      {
        port: { number: 9443, protocol: 'HTTPS', name: 'https' },
        defaultEndpoint: 'unix:///var/run/web',
        tls: { mode: 'MUTUAL', ...files, caCertificates: '/tls/ca' },
        connectionPool: { maxRequests: 10 },
      },
    ],
    egress: {
      listeners: [
        { port: { number: 6379, protocol: 'REDIS' }, bind: '127.0.0.1', hosts: ['./*'] },
        { port: {}, bind: 'unix://@egress', hosts: ['*/*'] },
      ],
    },
  });
  new ServiceEntry(chart, 'socket', {
    namespace: 'shop',
    hosts: ['socket.example.com'],
    ports: [{ number: 80 }],
    resolution: Resolution.static({ address: 'unix:///var/run/socket' }),
  });
  new ServiceEntry(chart, 'machines', {
    namespace: 'shop',
    hosts: ['machines.example.com'],
    ports: [{ number: 80, protocol: 'HTTP' }],
    resolution: Resolution.dnsWorkloads({ app: 'vm' }),
  });
}
