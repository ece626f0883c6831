import { ApiObject, type Chart } from 'cdk8s';
import {
  AuthorizationPolicy,
  Condition,
  Destination,
  EnvoyFilter,
  EnvoyPatch,
  ExistingIstio,
  Gateway,
  IstioMetric,
  Jwks,
  JwtAuthentication,
  Match,
  MeshTelemetry,
  MutualTls,
  PeerAuthentication,
  Resolution,
  ServiceEntry,
  Sidecar,
  Subset,
  TagOverride,
  TrafficPolicy,
  WorkloadMode,
  WorkloadProxyConfig,
  type AuthorizationRule,
} from 'istio-module';

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const TOKENS_EXCLUDED =
  " excludes tokens but requires none, so requests without a token match: add requestPrincipals: ['*'] to each source";
const WEB = { namespace: 'shop', host: 'web' };

type Fill = (chart: Chart) => unknown;

/** Inputs that are rarely intended, each with its warning and with an input that follows the advice of the warning. */
export const WARNED_INPUTS: readonly (readonly [string, Fill, string, Fill])[] = [
  [
    'weights near a hundred',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        subsets: SUBSETS,
        routes: [{ to: [Destination.subset('v1', { weight: 90 }), Destination.subset('v2', { weight: 20 })] }],
      }),
    'TrafficPolicy mesh/p: routes[0].to has weights 90 + 20 = 110, and each weight is a share of that sum: make the sum 100 if they are percentages',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        subsets: SUBSETS,
        routes: [{ to: [Destination.subset('v1', { weight: 80 }), Destination.subset('v2', { weight: 20 })] }],
      }),
  ],
  [
    'a weight of the only destination',
    (chart) => new TrafficPolicy(chart, 'p', { ...WEB, routes: [{ to: [Destination.host({ weight: 50 })] }] }),
    'TrafficPolicy mesh/p: routes[0].to has one destination, which gets every request: leave out its weight 50, or add another destination',
    (chart) => new TrafficPolicy(chart, 'p', { ...WEB, routes: [{ to: [Destination.host()] }] }),
  ],
  [
    'TCP to wherever',
    (chart) =>
      new ServiceEntry(chart, 's', {
        namespace: 'shop',
        hosts: ['db.example.com'],
        ports: [{ number: 5432, protocol: 'TCP' }],
        resolution: Resolution.NONE,
      }),
    'ServiceEntry mesh/s: port tcp-5432 has protocol TCP, so requests may contain no host, and then, with resolution NONE and without addresses, they can go to any address: set addresses',
    (chart) =>
      new ServiceEntry(chart, 's', {
        namespace: 'shop',
        hosts: ['db.example.com'],
        addresses: ['192.0.2.1'],
        ports: [{ number: 5432, protocol: 'TCP' }],
        resolution: Resolution.NONE,
      }),
  ],
  [
    'a host of nowhere',
    (chart) =>
      new ServiceEntry(chart, 's', {
        namespace: 'shop',
        hosts: ['db.example.com'],
        ports: [{ number: 443, protocol: 'HTTPS' }],
        resolution: Resolution.static(),
      }),
    'ServiceEntry mesh/s: resolution STATIC has no endpoints, so requests fail: name at least one',
    (chart) =>
      new ServiceEntry(chart, 's', {
        namespace: 'shop',
        hosts: ['db.example.com'],
        ports: [{ number: 443, protocol: 'HTTPS' }],
        resolution: Resolution.static({ address: '192.0.2.1' }),
      }),
  ],
  [
    'hosts that others cover',
    (chart) =>
      new Sidecar(chart, 's', { namespace: 'shop', egress: { hosts: ['./*', 'shop/db.shop.svc.cluster.local'] } }),
    "Sidecar mesh/s: egress.hosts has 'shop/db.shop.svc.cluster.local', which './*' includes: leave it out",
    (chart) => new Sidecar(chart, 's', { namespace: 'shop', egress: { hosts: ['./*'] } }),
  ],
  [
    'a host twice, on a listener',
    (chart) =>
      new Sidecar(chart, 's', {
        namespace: 'shop',
        egress: { listeners: [{ port: { number: 80, protocol: 'HTTP' }, hosts: ['front/*', 'front/*'] }] },
      }),
    "Sidecar mesh/s: egress.listeners[0].hosts has 'front/*', which 'front/*' includes: leave it out",
    (chart) =>
      new Sidecar(chart, 's', {
        namespace: 'shop',
        egress: { listeners: [{ port: { number: 80, protocol: 'HTTP' }, hosts: ['front/*'] }] },
      }),
  ],
  [
    'an identity that workloads do not have',
    (chart) => authorization(chart, { from: [{ principals: ['frontend'] }] }),
    "AuthorizationPolicy mesh/a: rules[0].from[0].principals 'frontend' is not the identity of a workload: write TRUST_DOMAIN/ns/NAMESPACE/sa/NAME, such as 'cluster.local/ns/shop/sa/frontend', unless clients have certificates of another kind",
    (chart) => authorization(chart, { from: [{ principals: ['cluster.local/ns/shop/sa/frontend'] }] }),
  ],
  [
    'an identity that tokens do not have',
    (chart) => authorization(chart, { from: [{ requestPrincipals: ['eve'] }] }),
    "AuthorizationPolicy mesh/a: rules[0].from[0].requestPrincipals 'eve' is not the identity of a token: write ISSUER/SUBJECT, ISSUER/* or '*' for any token",
    (chart) => authorization(chart, { from: [{ requestPrincipals: ['https://a.example/*', '*'] }] }),
  ],
  [
    'a method in lower case',
    (chart) => authorization(chart, { to: [{ methods: ['get'] }] }),
    "AuthorizationPolicy mesh/a: rules[0].to[0].methods 'get' is not in upper case: write 'GET'",
    (chart) => authorization(chart, { to: [{ methods: ['GET'] }] }),
  ],
  [
    'tokens excluded where none is required',
    (chart) => authorization(chart, { when: [Condition.claim('group').notValues('guest')] }),
    `AuthorizationPolicy mesh/a: rules[0]${TOKENS_EXCLUDED}`,
    (chart) =>
      authorization(chart, {
        from: [{ requestPrincipals: ['*'] }],
        when: [Condition.claim('group').notValues('guest')],
      }),
  ],
  [
    'tokens of somebody excluded where none is required',
    (chart) => authorization(chart, { from: [{ notRequestPrincipals: ['https://a.example/eve'] }] }),
    `AuthorizationPolicy mesh/a: rules[0]${TOKENS_EXCLUDED}`,
    (chart) =>
      authorization(chart, { from: [{ requestPrincipals: ['*'], notRequestPrincipals: ['https://a.example/eve'] }] }),
  ],
  [
    'a gateway of every proxy',
    (chart) =>
      new Gateway(chart, 'g', {
        namespace: 'edge',
        selector: {},
        servers: [{ port: 80, protocol: 'HTTP', hosts: ['*'] }],
      }),
    "Gateway mesh/g: selector {} selects every proxy of the mesh: name at least one label, such as { istio: 'ingressgateway' }",
    (chart) =>
      new Gateway(chart, 'g', {
        namespace: 'edge',
        selector: { istio: 'ingressgateway' },
        servers: [{ port: 80, protocol: 'HTTP', hosts: ['*'] }],
      }),
  ],
  [
    'a namespace in two data planes',
    (chart) => {
      const labels = { 'istio-injection': 'enabled', 'istio.io/dataplane-mode': 'ambient' };
      new ExistingIstio(chart, 'istio');
      new ApiObject(chart, 'shop', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } });
    },
    "Namespace shop (mesh/shop) has injection enabled and the label 'istio.io/dataplane-mode: ambient', which pods with a sidecar ignore: leave out one of them, unless some pods opt out of injection",
    (chart) => {
      new ExistingIstio(chart, 'istio');
      new ApiObject(chart, 'shop', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } },
      });
    },
  ],
  [
    'a header in upper case',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        routes: [{ match: [Match.header('X-User').exact('a')], to: [Destination.host()] }],
      }),
    "TrafficPolicy mesh/p: routes[0].match: header 'X-User' is not in lower case, which Istio's reference requires: write 'x-user', which matches the same headers",
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        routes: [{ match: [Match.header('x-user').exact('a')], to: [Destination.host()] }],
      }),
  ],
  [
    'a policy of nothing',
    (chart) => new TrafficPolicy(chart, 'p', WEB),
    "TrafficPolicy mesh/p: is empty, but replaces wider policies for host 'web': set routes, subsets or circuitBreaker",
    (chart) => new TrafficPolicy(chart, 'p', { ...WEB, circuitBreaker: { consecutive5xxErrors: 5 } }),
  ],
  [
    'a subset of all pods',
    (chart) => new TrafficPolicy(chart, 'p', { ...WEB, subsets: { v1: {} } }),
    "TrafficPolicy mesh/p: subset 'v1' has no labels: name one, such as { version: 'v1' }, or write Subset.all()",
    (chart) => new TrafficPolicy(chart, 'p', { ...WEB, subsets: { v1: { version: 'v1' }, all: Subset.all() } }),
  ],
  [
    'tokens of nobody',
    (chart) => new JwtAuthentication(chart, 'j', { namespace: 'shop', jwtRules: [] }),
    'JwtAuthentication mesh/j: jwtRules is empty, so no token is verified: name at least one issuer, or leave out the JwtAuthentication',
    (chart) =>
      new JwtAuthentication(chart, 'j', {
        namespace: 'shop',
        jwtRules: [{ issuer: 'https://a.example', jwks: Jwks.DISCOVERY }],
      }),
  ],
  [
    'no patches',
    (chart) => new EnvoyFilter(chart, 'e', { namespace: 'shop', patches: [] }),
    'EnvoyFilter mesh/e: patches is empty, so nothing is changed: name at least one, or leave out the EnvoyFilter',
    (chart) =>
      new EnvoyFilter(chart, 'e', {
        namespace: 'shop',
        patches: [EnvoyPatch.cluster({ name: 'a' }, { operation: 'MERGE', value: { connect_timeout: '5s' } })],
      }),
  ],
  [
    'tracing of nothing',
    (chart) => new MeshTelemetry(chart, 't', { namespace: 'shop', tracing: { mode: WorkloadMode.CLIENT } }),
    'MeshTelemetry mesh/t: tracing is empty: set provider, samplingPercent, customTags or disabled, or leave it out',
    (chart) => new MeshTelemetry(chart, 't', { namespace: 'shop', tracing: { provider: 'otel' } }),
  ],
  [
    'an override of nothing, of the mesh',
    (chart) => new ExistingIstio(chart, 'istio', { metrics: { overrides: [{ metric: IstioMetric.REQUEST_COUNT }] } }),
    'ExistingIstio mesh/istio: metrics overrides[0] is empty: set disabled or tags, or leave it out',
    (chart) =>
      new ExistingIstio(chart, 'istio', {
        metrics: { overrides: [{ metric: IstioMetric.REQUEST_COUNT, disabled: true }] },
      }),
  ],
  [
    'tags of a metric that is off',
    (chart) =>
      new MeshTelemetry(chart, 't', {
        namespace: 'shop',
        metrics: {
          overrides: [{ metric: IstioMetric.REQUEST_COUNT, disabled: true, tags: { host: TagOverride.REMOVE } }],
        },
      }),
    'MeshTelemetry mesh/t: metrics overrides[0] is disabled, so its tags only have an effect where a narrower scope enables the metric: leave out disabled or tags',
    (chart) =>
      new MeshTelemetry(chart, 't', {
        namespace: 'shop',
        metrics: { overrides: [{ metric: IstioMetric.REQUEST_COUNT, tags: { host: TagOverride.REMOVE } }] },
      }),
  ],
  [
    'a PeerAuthentication of nothing',
    (chart) => new PeerAuthentication(chart, 'p', { namespace: 'shop' }),
    'PeerAuthentication mesh/p: is empty: set mode or ports, or leave it out',
    (chart) => new PeerAuthentication(chart, 'p', { namespace: 'shop', mode: MutualTls.STRICT }),
  ],
  [
    'a Telemetry of nothing',
    (chart) => new MeshTelemetry(chart, 't', { namespace: 'shop', metrics: {} }),
    'MeshTelemetry mesh/t: is empty: set tracing, accessLogs or metrics, or leave it out',
    (chart) => new MeshTelemetry(chart, 't', { namespace: 'shop', accessLogs: [{ providers: ['envoy'] }] }),
  ],
  [
    'a ProxyConfig of nothing',
    (chart) => new WorkloadProxyConfig(chart, 'p', { namespace: 'shop' }),
    'WorkloadProxyConfig mesh/p: is empty: set concurrency, environmentVariables or imageType, or leave it out',
    (chart) => new WorkloadProxyConfig(chart, 'p', { namespace: 'shop', concurrency: 2 }),
  ],
  [
    'a label that Prometheus does not have',
    (chart) =>
      new MeshTelemetry(chart, 't', {
        namespace: 'shop',
        metrics: { overrides: [{ tags: { 'request-host': TagOverride.REMOVE } }] },
      }),
    "MeshTelemetry mesh/t: metrics overrides[0] tags 'request-host' is not a Prometheus label: write letters, digits and '_', but not a digit first",
    (chart) =>
      new MeshTelemetry(chart, 't', {
        namespace: 'shop',
        metrics: { overrides: [{ tags: { request_host: TagOverride.REMOVE } }] },
      }),
  ],
  [
    'an address as the server name of a handshake',
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        tlsRoutes: [{ match: [{ sniHosts: ['192.0.2.1'] }], to: [Destination.host()] }],
      }),
    "TrafficPolicy mesh/p: tlsRoutes[0].match: sniHosts: '192.0.2.1' is an IP address, which clients do not send as a server name: write a host",
    (chart) =>
      new TrafficPolicy(chart, 'p', {
        ...WEB,
        tlsRoutes: [{ match: [{ sniHosts: ['web'] }], to: [Destination.host()] }],
      }),
  ],
];

function authorization(chart: Chart, rule: AuthorizationRule): AuthorizationPolicy {
  return new AuthorizationPolicy(chart, 'a', { namespace: 'shop', rules: [rule], tokensVerifiedElsewhere: true });
}
