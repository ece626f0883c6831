import type { Chart } from 'cdk8s';
import {
  AuthorizationPolicy,
  ClientTls,
  Condition,
  Destination,
  Gateway,
  Jwks,
  JwtAuthentication,
  LocalityLoadBalancing,
  Match,
  MeshTelemetry,
  Origin,
  Resolution,
  RetryOn,
  Routes,
  ServerTls,
  ServiceEntry,
  Sidecar,
  Subset,
  TrafficPolicy,
  WorkloadEntry,
} from 'istio-module';

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const WEB = { namespace: 'shop', host: 'web' };

/** Inputs that Istio accepts and that have an effect, each with the part of a spec that shows the effect. */
export const ACCEPTED_INPUTS: readonly (readonly [string, (chart: Chart) => unknown, object])[] = [
  [
    'keys that a server of the cluster has over http',
    (chart) =>
      new JwtAuthentication(chart, 'jwt', {
        namespace: 'shop',
        jwtRules: [{ issuer: 'https://a.example.com', jwks: Jwks.uri('http://jwks.auth.svc.cluster.local/keys') }],
      }),
    { jwtRules: [{ jwksUri: 'http://jwks.auth.svc.cluster.local/keys' }] },
  ],
  [
    'keys that an issuer of the cluster names over http',
    (chart) =>
      new JwtAuthentication(chart, 'jwt', {
        namespace: 'shop',
        jwtRules: [{ issuer: 'http://keycloak.auth.svc.cluster.local/realms/shop', jwks: Jwks.DISCOVERY }],
      }),
    { jwtRules: [{ issuer: 'http://keycloak.auth.svc.cluster.local/realms/shop' }] },
  ],
  [
    'all of the pods under a name that routes lead to',
    (chart) => new TrafficPolicy(chart, 'p', { ...WEB, subsets: { egress: Subset.all() } }),
    { subsets: [{ name: 'egress' }] },
  ],
  [
    'failover to the nearest pods, of a subset whose host has pods ejected',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        circuitBreaker: { consecutive5xxErrors: 5 },
        subsets: {
          v1: Subset.labels({ version: 'v1' }, { loadBalancing: { locality: LocalityLoadBalancing.failover() } }),
        },
      }),
    { subsets: [{ trafficPolicy: { loadBalancer: { localityLbSetting: { enabled: true } } } }] },
  ],
  [
    'failover of a host, a subset of which has pods ejected',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        loadBalancing: { locality: LocalityLoadBalancing.failover() },
        subsets: { v1: Subset.labels({ version: 'v1' }, { circuitBreaker: { consecutive5xxErrors: 5 } }) },
      }),
    { trafficPolicy: { loadBalancer: { localityLbSetting: { enabled: true } } } },
  ],
  [
    'what sidecars name in handshakes with a gateway',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        namespace: 'edge',
        hosts: ['outbound_.443_._.db.shop.svc.cluster.local'],
        gateways: ['edge/cross-network'],
        tlsRoutes: [
          {
            match: [{ sniHosts: ['outbound_.443_._.db.shop.svc.cluster.local'] }],
            to: [Destination.otherHost('db.shop.svc.cluster.local')],
          },
        ],
      }),
    { tls: [{ match: [{ sniHosts: ['outbound_.443_._.db.shop.svc.cluster.local'] }] }] },
  ],
  [
    'access logs that are on again where wider ones are off',
    (chart) =>
      new MeshTelemetry(chart, 't', {
        namespace: 'shop',
        workload: { app: 'web' },
        accessLogs: [{ disabled: false }],
      }),
    { accessLogging: [{ disabled: false }] },
  ],
  [
    'any origin, in Istio’s own spelling',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        routes: [{ to: [Destination.host()], cors: { allowOrigins: [Origin.exact('*')] } }],
      }),
    { http: [{ corsPolicy: { allowOrigins: [{ exact: '*' }] } }] },
  ],
  [
    'tokens of whatever issuer signs with the keys',
    (chart) =>
      new JwtAuthentication(chart, 'jwt', {
        namespace: 'shop',
        jwtRules: [{ jwks: Jwks.uri('https://a.example.com/keys') }],
      }),
    { jwtRules: [{ jwksUri: 'https://a.example.com/keys' }] },
  ],
  [
    'conditions with exceptions, of trust domains, service accounts and pseudo-headers',
    (chart) =>
      new AuthorizationPolicy(chart, 'a', {
        namespace: 'shop',
        rules: [
          {
            when: [
              Condition.header(':path').values('/shop/*').except('/shop/test'),
              Condition.sourceTrustDomain().values('cluster.local'),
              Condition.sourceServiceAccount().values('shop/web'),
            ],
          },
        ],
      }),
    {
      rules: [
        {
          when: [
            { key: 'request.headers[:path]', values: ['/shop/*'], notValues: ['/shop/test'] },
            { key: 'source.trustDomain', values: ['cluster.local'] },
            { key: 'source.serviceAccount', values: ['shop/web'] },
          ],
        },
      ],
    },
  ],
  [
    'a workload behind the gateways of another network',
    (chart) => new WorkloadEntry(chart, 'vm', { namespace: 'shop', network: 'vms', labels: { app: 'vm' } }),
    { network: 'vms', labels: { app: 'vm' } },
  ],
  [
    'a match with a name, by a header in upper case',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        routes: [{ match: [Match.header('End-User').exact('jason').named('jason')], to: [Destination.host()] }],
      }),
    { http: [{ match: [{ name: 'jason', headers: { 'End-User': { exact: 'jason' } } }] }] },
  ],
  [
    'zones that take what they can',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        circuitBreaker: { consecutive5xxErrors: 5 },
        loadBalancing: {
          locality: LocalityLoadBalancing.zoneAware({ failover: [{ from: 'a', to: 'b' }], minClusterSize: 3 }),
        },
      }),
    {
      trafficPolicy: {
        loadBalancer: {
          zoneAwareLbSetting: { enabled: true, failover: [{ from: 'a', to: 'b' }], minClusterSize: 3 },
        },
      },
    },
  ],
  [
    'hosts that are captured by redirection',
    (chart) => new Sidecar(chart, 's', { namespace: 'shop', egress: { hosts: ['*/*'], captureMode: 'IPTABLES' } }),
    { egress: [{ captureMode: 'IPTABLES', hosts: ['*/*'] }] },
  ],
  [
    'a gateway by NAME.NAMESPACE',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        gateways: ['gateway.edge'],
        routes: [{ match: [Match.gateways('edge/gateway')], to: [Destination.host()] }],
      }),
    { gateways: ['gateway.edge'] },
  ],
  [
    'weights in any proportion',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        subsets: SUBSETS,
        routes: [{ to: [Destination.subset('v1', { weight: 999 }), Destination.subset('v2', { weight: 1 })] }],
      }),
    { http: [{ route: [{ weight: 999 }, { weight: 1 }] }] },
  ],
  [
    'a canary of a thousandth',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        subsets: SUBSETS,
        routes: Routes.canary({ stable: 'v1', canary: 'v2', percent: 0.1 }),
      }),
    { http: [{ route: [{ weight: 999 }, { weight: 1 }] }] },
  ],
  [
    'retries after a status',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        routes: [{ to: [Destination.host()], retries: { attempts: 2, on: [503, RetryOn.RETRIABLE_STATUS_CODES] } }],
      }),
    { http: [{ retries: { attempts: 2, retryOn: '503,retriable-status-codes' } }] },
  ],
  [
    'routes for an address',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        namespace: 'shop',
        host: '10.0.0.1',
        tcpRoutes: [{ to: [Destination.otherHost('db')] }],
      }),
    { hosts: ['10.0.0.1'] },
  ],
  [
    'a host that ends with a dot, and one that starts with a part of a name',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        namespace: 'shop',
        hosts: ['example.com.', '*-eu.example.com'],
        routes: [{ to: [Destination.otherHost('web')] }],
      }),
    { hosts: ['example.com.', '*-eu.example.com'] },
  ],
  [
    'a policy that only redirects, without a host of its own',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        namespace: 'shop',
        hosts: ['example.com'],
        gateways: ['edge/public'],
        routes: [{ redirect: { authority: 'www.example.com' } }],
      }),
    { hosts: ['example.com'], http: [{ redirect: { authority: 'www.example.com' } }] },
  ],
  [
    'a certificate from a provider that a scheme names',
    (chart) => gateway(chart, ServerTls.simple({ credentialName: 'sds://certificate' })),
    { servers: [{ tls: { mode: 'SIMPLE', credentialName: 'sds://certificate' } }] },
  ],
  [
    'certificates in files of a gateway',
    (chart) =>
      gateway(
        chart,
        ServerTls.mutual({
          files: { serverCertificate: '/tls/crt', privateKey: '/tls/key' },
          caCertificates: '/tls/ca',
        }),
      ),
    {
      servers: [
        { tls: { mode: 'MUTUAL', serverCertificate: '/tls/crt', privateKey: '/tls/key', caCertificates: '/tls/ca' } },
      ],
    },
  ],
  [
    'a listener for MySQL, and one on a socket',
    (chart) =>
      new Sidecar(chart, 's', {
        namespace: 'shop',
        egress: {
          listeners: [
            { port: { number: 3306, protocol: 'MYSQL' }, bind: '127.0.0.1', captureMode: 'NONE', hosts: ['*/*'] },
            { port: { protocol: 'HTTP' }, bind: 'unix:///var/run/egress', hosts: ['*/*'] },
          ],
        },
      }),
    {
      egress: [
        { port: { number: 3306, protocol: 'MYSQL' } },
        { port: { number: 0, protocol: 'HTTP' }, bind: 'unix:///var/run/egress' },
      ],
    },
  ],
  [
    'hosts of the root namespace beside those of each own one, for the whole mesh',
    (chart) => new Sidecar(chart, 's', { egress: { hosts: ['./*', 'istio-system/*'] }, rootNamespace: 'istio-system' }),
    { egress: [{ hosts: ['./*', 'istio-system/*'] }] },
  ],
  [
    'an endpoint that is a socket',
    (chart) =>
      new ServiceEntry(chart, 's', {
        namespace: 'shop',
        hosts: ['example.unix.local'],
        ports: [{ number: 80, protocol: 'HTTP' }],
        resolution: Resolution.static({ address: 'unix:///var/run/example/socket' }),
      }),
    { endpoints: [{ address: 'unix:///var/run/example/socket' }] },
  ],
  [
    'a port of a ServiceEntry without a protocol',
    (chart) =>
      new ServiceEntry(chart, 's', {
        namespace: 'shop',
        hosts: ['db.example.com'],
        ports: [{ number: 5432 }],
        resolution: Resolution.dns(),
      }),
    { ports: [{ number: 5432, name: 'port-5432' }] },
  ],
  [
    "mutual TLS of the mesh toward another server's name",
    (chart) => clientTls(chart, ClientTls.istioMutual({ sni: 'egress.example.com' })),
    { trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL', sni: 'egress.example.com' } } },
  ],
  [
    'a server that is not verified',
    (chart) => clientTls(chart, ClientTls.simple({ insecureSkipVerify: true })),
    { trafficPolicy: { tls: { mode: 'SIMPLE', insecureSkipVerify: true } } },
  ],
];

function gateway(chart: Chart, tls: ServerTls): Gateway {
  return new Gateway(chart, 'g', {
    namespace: 'edge',
    selector: { istio: 'ingress' },
    servers: [{ port: 443, protocol: 'HTTPS', hosts: ['a.example.com'], tls }],
  });
}

export function clientTls(chart: Chart, tls: ClientTls): TrafficPolicy {
  return new TrafficPolicy(chart, 'p', { namespace: 'shop', host: 'api.example.com', clientTls: tls });
}
