import { Duration, type Chart } from 'cdk8s';
import {
  AccessLog,
  AccessLogFormat,
  AuthorizationAction,
  AuthorizationPolicy,
  Condition,
  CustomTag,
  Destination,
  Fault,
  GrpcStatus,
  HashKey,
  IstioMetric,
  Jwks,
  JwtAuthentication,
  LoadBalancingAlgorithm,
  LocalityLoadBalancing,
  Match,
  MeshNamespace,
  MeshTelemetry,
  Mirror,
  MutualTls,
  Origin,
  Requests,
  RetryOn,
  Routes,
  SidecarInjection,
  StrictPeerAuthentication,
  TagOverride,
  TokenLocation,
  Tokenless,
  Tracing,
  TrafficPolicy,
  WorkloadMode,
} from 'istio-module';
import { everyNamespace } from './namespaces/every-namespace';
import { everyPeerAuthentication } from './security/every-peer-authentication';
import { everyBorder } from './traffic/every-border';
import { everyExternalAuthorizer } from './security/every-external-authorizer';

export const COLLECTOR = { service: 'collector.telemetry.svc.cluster.local', port: 4317 };
export const OTLP_OVER_HTTP = Tracing.otlp({
  name: 'otlp-over-http',
  service: 'telemetry/collector.example.com',
  port: 4318,
  http: { path: '/v1/traces', timeout: Duration.millis(1500), headers: { 'x-tenant': 'shop' } },
});
export const JSON_LOG = AccessLog.envoyFile({
  name: 'json-log',
  path: '/dev/stderr',
  format: AccessLogFormat.json({ code: '%RESPONSE_CODE%', peer: { address: '%UPSTREAM_HOST%' }, version: 1 }),
  omitEmptyValues: true,
});

/** At least one object of every kind that the constructs write, with every field, except for a module's objects. */
export function everyPolicy(chart: Chart): void {
  const shop = new MeshNamespace(chart, 'shop', { name: 'shop' });
  everythingInAccess(chart, shop);
  everyNamespace(chart, shop);
  everyPeerAuthentication(chart, shop);
  new MeshNamespace(chart, 'legacy', { name: 'legacy', injection: SidecarInjection.DISABLED });
  new StrictPeerAuthentication(chart, 'strict', { namespace: shop });
  telemetry(chart, shop);
  new StrictPeerAuthentication(chart, 'db', {
    namespace: shop,
    workload: { app: 'db' },
    ports: { 9090: MutualTls.PERMISSIVE, 9091: MutualTls.DISABLE },
  });
  const match = Match.uri()
    .prefix('/v1')
    .and(Match.method().exact('GET'))
    .and(Match.header('x-tier').regex('gold|silver'))
    .and(Match.queryParam('debug').exact('1'))
    .and(Match.authority().exact('reviews'));
  new TrafficPolicy(chart, 'reviews', {
    namespace: shop,
    host: 'reviews',
    subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
    routes: [
      {
        match: [match],
        to: [Destination.host({ port: 80 })],
        timeout: Duration.millis(1500),
        retries: { attempts: 0 },
      },
      {
        to: [Destination.subset('v1', { weight: 90 }), Destination.subset('v2', { weight: 10 })],
        timeout: Duration.seconds(3),
        retries: { attempts: 3, perTryTimeout: Duration.seconds(1), on: Object.values(RetryOn) },
      },
    ],
    circuitBreaker: {
      maxConnections: 1,
      maxPendingRequests: 50,
      maxRequests: 3,
      consecutive5xxErrors: 0,
      interval: Duration.seconds(1),
      baseEjectionTime: Duration.seconds(30),
      maxEjectionPercent: 100,
    },
  });
  everyRoute(chart, shop);
  everyLoadBalancing(chart, shop);
  everyBorder(chart, shop);
  everyExternalAuthorizer(chart);
}

function everyRoute(chart: Chart, shop: MeshNamespace): void {
  const subsets = { v1: { version: 'v1' }, v2: { version: 'v2' } };
  const to = [Destination.subset('v1')];
  const headers = {
    request: { set: { 'x-id': '%REQ(x-request-id)%', host: 'inner' }, add: { via: '100%%' }, remove: ['x-debug'] },
    response: { set: { 'x-by': 'shop' }, add: { 'x-to': '' }, remove: ['server'] },
  };
  new TrafficPolicy(chart, 'routes', {
    namespace: shop,
    host: 'routes',
    hosts: ['routes', 'routes.example.com'],
    gateways: ['mesh', 'ingress/public', 'own'],
    subsets,
    routes: [
      {
        name: 'moved',
        match: [Match.uri().prefix('/old/')],
        redirect: { prefixRewrite: '/new/', authority: 'example.com', port: 8443, scheme: 'https', code: 308 },
        headers: { response: { set: { 'x-by': 'shop' } } },
      },
      { match: [Match.uri().exact('/a')], redirect: { uri: '/b', port: 'FROM_PROTOCOL_DEFAULT' } },
      { match: [Match.uri().exact('/b')], redirect: { scheme: 'http', port: 'FROM_REQUEST_PORT', code: 303 } },
      { match: [Match.uri().exact('/robots.txt')], directResponse: { status: 200, body: 'User-agent: *' } },
      { match: [Match.uri().exact('/gone')], directResponse: { status: 599 } },
      { match: [Match.uri().prefix('/v1')], to, rewrite: { uri: '/', authority: 'inner' } },
      {
        match: [Match.uri().regex('/api/v[0-9]+/.*')],
        to,
        rewrite: { uriRegex: { match: '^/api/v([0-9]+)/', rewrite: '/\\1/' } },
      },
      {
        match: [
          Match.cookie('user').exact('j.s'),
          Match.cookie('user').prefix('test-'),
          Match.cookie('user').regex('a|b'),
          Match.headerPresent('x-beta').and(Match.headerAbsent('x-alpha')),
          Match.withoutHeader('x-tier').prefix('gold'),
          Match.sourceLabels({ app: 'web' }).and(Match.sourceNamespace('front')),
          Match.gateways('ingress/public', 'own').and(Match.port(443)).and(Match.scheme().exact('https')),
          Match.gateways('mesh').and(Match.queryParam('debug').regex('(?i)yes|(?P<number>\\d+)')),
          Match.uriIgnoringCase().prefix('/Beta'),
        ],
        to: [
          Destination.subset('v1', { weight: 1, headers: { response: headers.response } }),
          Destination.otherHost('other.example.com', { weight: 99, subset: 'all', port: 65535 }),
        ],
        headers,
        retries: { attempts: 1, retryRemoteLocalities: true },
      },
      {
        to,
        mirror: [Mirror.to('v2', { percent: 5 }), Mirror.toHost('audit', { percent: 0, port: 80, subset: 'all' })],
        fault: Fault.delay(Duration.millis(1), { percent: 0.0001 }).and(Fault.abort(200, { percent: 0 })),
        cors: {
          allowOrigins: [
            Origin.exact('https://a.example'),
            Origin.prefix('https://b.'),
            Origin.regex('.*'),
            Origin.ANY,
          ],
          allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*'],
          allowHeaders: ['x-id', '*'],
          exposeHeaders: ['*'],
          maxAge: Duration.hours(24),
          allowCredentials: true,
        },
      },
    ],
  });
  new TrafficPolicy(chart, 'everywhere', {
    namespace: shop,
    host: '*',
    gateways: ['public'],
    routes: [{ match: [Match.headerPresent('@request.auth.claims.sub')], to: [Destination.otherHost('audit')] }],
  });
  for (const status of Object.values(GrpcStatus)) {
    const name = `drill-${status.toLowerCase().replace(/_/g, '-')}`;
    new TrafficPolicy(chart, name, { namespace: shop, host: name, fault: Fault.abortGrpc(status, { percent: 50 }) });
  }
  const goals = {
    canary: Routes.canary({ stable: 'v1', canary: 'v2', percent: 0 }),
    'ab-test': Routes.abTest({ header: 'x-group', variants: { b: 'v2' }, otherwise: 'v1' }),
    'blue-green': Routes.blueGreen({ live: 'v1', idle: 'v2', preview: Match.headerPresent('x-preview') }),
    'dark-launch': Routes.darkLaunch({ live: 'v1', dark: 'v2' }),
  };
  for (const [host, routes] of Object.entries(goals)) {
    new TrafficPolicy(chart, host, { namespace: shop, host, subsets, routes });
  }
}

function everyLoadBalancing(chart: Chart, shop: MeshNamespace): void {
  const algorithms = [
    LoadBalancingAlgorithm.LEAST_REQUEST,
    LoadBalancingAlgorithm.ROUND_ROBIN,
    LoadBalancingAlgorithm.RANDOM,
    LoadBalancingAlgorithm.PASSTHROUGH,
    LoadBalancingAlgorithm.ringHash(HashKey.header('x-user'), { minimumRingSize: 8388608 }),
    LoadBalancingAlgorithm.ringHash(HashKey.cookie('shop', { ttl: Duration.seconds(0), path: '/' })),
    LoadBalancingAlgorithm.maglev(HashKey.SOURCE_IP),
    LoadBalancingAlgorithm.maglev(HashKey.queryParameter('id'), { tableSize: 2 }),
  ];
  const localities = [
    LocalityLoadBalancing.DISABLED,
    LocalityLoadBalancing.failover({ from: 'eu-west', to: 'eu-central' }),
    LocalityLoadBalancing.failoverPriority('topology.kubernetes.io/zone', 'version=v1'),
    LocalityLoadBalancing.distribute(
      { from: 'eu/a/*', to: { 'eu/a/*': 80, 'eu/b/c': 20 } },
      { from: 'us/*', to: { '*': 100 } },
    ),
  ];
  algorithms.forEach((algorithm, index) => {
    const host = `balanced-${String(index)}`;
    const warmup = { duration: Duration.minutes(1), minimumPercent: 5, aggression: 1.5 };
    new TrafficPolicy(chart, host, {
      namespace: shop,
      host,
      loadBalancing: { algorithm, locality: localities[index], ...(algorithm.warmsUp ? { warmup } : {}) },
      circuitBreaker: {
        maxRetries: 3,
        consecutive5xxErrors: 7,
        consecutiveGatewayErrors: 3,
        consecutiveLocalOriginFailures: 2,
        minHealthPercent: 30,
      },
      connectionPool: {
        tcp: {
          connectTimeout: Duration.millis(1),
          maxConnectionDuration: Duration.hours(1),
          idleTimeout: Duration.millis(0),
          keepalive: index === 0 ? {} : { probes: 3, time: Duration.minutes(5), interval: Duration.seconds(30) },
        },
        http: {
          maxRequestsPerConnection: 2 ** 29,
          idleTimeout: Duration.minutes(2),
          h2Upgrade: index % 2 === 0,
          useClientProtocol: index % 2 === 1,
          maxConcurrentStreams: 100,
        },
      },
    });
  });
}

function everythingInAccess(chart: Chart, namespace: MeshNamespace): void {
  const issuer = 'https://accounts.example.com';
  const workload = { app: 'reviews' };
  new JwtAuthentication(chart, 'mesh-tokens', {
    jwtRules: [
      {
        issuer,
        jwks: Jwks.uri(`${issuer}/jwks.json`),
        audiences: ['shop'],
        from: [
          TokenLocation.header('x-jwt', { prefix: 'Bearer ' }),
          TokenLocation.header('x-token'),
          TokenLocation.queryParam('token'),
          TokenLocation.cookie('session'),
        ],
        forwardOriginalToken: true,
        outputPayloadToHeader: 'x-payload',
        outputClaimToHeaders: { 'x-user': 'sub', 'x-role': 'realm.role' },
        timeout: Duration.millis(1500),
      },
    ],
    tokenless: Tokenless.refusedOn(
      { ports: [8080], notPaths: ['/healthz'], notMethods: ['OPTIONS'] },
      { ports: [9090] },
    ),
  });
  new JwtAuthentication(chart, 'tokens', {
    namespace,
    workload,
    jwtRules: [
      {
        issuer: 'robot@example.com',
        jwks: Jwks.inline({ keys: [{ kty: 'RSA', e: 'AQAB', n: 'xAE7eB6qugXyCAG3yhh7pkDk' }] }),
      },
      { issuer, jwks: Jwks.DISCOVERY },
    ],
    tokenless: Tokenless.REFUSED_BY_POLICIES,
  });
  new JwtAuthentication(chart, 'all-tokens', { namespace, jwtRules: [{ issuer, jwks: Jwks.DISCOVERY }] });
  const to = [
    {
      hosts: ['*.example.com'],
      notHosts: ['admin.example.com'],
      ports: [80, 8080],
      notPorts: [9090],
      methods: ['GET', 'P*'],
      notMethods: ['PUT'],
      paths: ['/info*', '*.html', '/{*}/reviews/{**}/'],
      notPaths: ['/info/secret'],
    },
  ];
  new AuthorizationPolicy(chart, 'allow', {
    namespace,
    workload,
    rules: [
      {
        from: [
          {
            principals: ['cluster.local/ns/shop/sa/frontend', 'other.example/ns/shop/*'],
            notPrincipals: ['*/sa/guest'],
            namespaces: [namespace],
            notNamespaces: ['test-*'],
            requestPrincipals: ['*'],
            notRequestPrincipals: [`${issuer}/eve`],
            ipBlocks: ['10.0.0.0/8', '2001:db8::/32'],
            notIpBlocks: ['10.0.0.1'],
            remoteIpBlocks: ['203.0.113.0/24'],
            notRemoteIpBlocks: ['203.0.113.4', '::ffff:10.0.0.1'],
          },
          { serviceAccounts: ['shop/frontend'], notServiceAccounts: ['shop/guest'] },
        ],
        to,
        when: [
          Condition.claim('realm_access', 'roles').values('admin'),
          Condition.audience().values('shop'),
          Condition.presenter().notValues('web'),
          Condition.header('x-tier').values('gold*'),
          Condition.destinationIp().values('10.1.0.0/16'),
          Condition.sni().values('www.example.com'),
        ],
      },
    ],
  });
  for (const action of [AuthorizationAction.DENY, AuthorizationAction.AUDIT, AuthorizationAction.custom('opa')]) {
    const id = `access-${action.name.toLowerCase()}`;
    new AuthorizationPolicy(chart, id, { namespace, workload, action, rules: [{ from: [{ ipBlocks: ['::1'] }], to }] });
  }
  new AuthorizationPolicy(chart, 'access-nothing', { rules: Requests.NONE });
  new AuthorizationPolicy(chart, 'access-all', { namespace, workload: { tier: 'public' }, rules: Requests.ALL });
}

function telemetry(chart: Chart, namespace: MeshNamespace): void {
  new MeshTelemetry(chart, 'telemetry', {
    namespace,
    tracing: { samplingPercent: 100 },
    accessLogs: [{ disabled: true, providers: ['file-access-log'] }],
    metrics: { overrides: [{ disabled: true, mode: WorkloadMode.CLIENT }] },
  });
  new MeshTelemetry(chart, 'db-telemetry', {
    namespace,
    workload: { app: 'db', 'example.com/tier': '' },
    tracing: {
      provider: OTLP_OVER_HTTP,
      samplingPercent: 0.01,
      mode: WorkloadMode.SERVER,
      disabled: false,
      customTags: {
        pod: CustomTag.environment('POD_NAME', { defaultValue: 'none' }),
        tenant: CustomTag.header('X-Tenant'),
      },
    },
    accessLogs: [
      { providers: [JSON_LOG], filter: "response.code >= 500 || request.path.startsWith('/it\\'s(')" },
      { providers: ['envoy'], mode: WorkloadMode.CLIENT },
    ],
    metrics: {
      providers: ['prometheus'],
      reportingInterval: Duration.millis(1),
      overrides: [
        { tags: { request_host: TagOverride.upsert('request.host'), response_flags: TagOverride.REMOVE } },
        ...Object.values(IstioMetric).map((metric) => ({
          metric,
          mode: WorkloadMode.CLIENT_AND_SERVER,
          disabled: false,
        })),
        { metric: { custom: 'wasm:requests' }, mode: WorkloadMode.SERVER, disabled: true },
      ],
    },
  });
}
