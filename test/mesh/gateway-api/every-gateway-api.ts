import { ApiObject, Duration, type Chart } from 'cdk8s';
import {
  Destination,
  GRPCRoute,
  HTTPRoute,
  KubernetesGateway,
  ListenerTls,
  Match,
  Mirror,
  Origin,
  ReferenceGrant,
  Resolution,
  RouteParent,
  ServiceEntry,
  TLSRoute,
} from 'istio-module';

const namespace = 'shop';
const headers = {
  request: { set: { 'x-a': '1' }, add: { 'x-b': '%REQ(x-id)%' }, remove: ['x-c'] },
  response: { set: { 'x-d': '2' } },
};

/** Every prop of the constructs for the kinds of the Gateway API, except those that need the experimental channel. */
export function everyGatewayApi(chart: Chart): void {
  const gateway = gateways(chart);
  const service = RouteParent.service('reviews', { port: 80 });
  new HTTPRoute(chart, 'every-rule', {
    namespace,
    parents: [service, RouteParent.gateway(gateway, { listener: 'https', port: 443 })],
    hostnames: ['shop.example.com', '*.shop.example.com'],
    rules: [
      {
        name: 'canary',
        match: [
          Match.pathPrefix('/v1').and(Match.header('x-user').exact('ann')).and(Match.queryParam('q').regex('a+')),
          Match.uri().regex('/v[0-9]+/.*').and(Match.method().exact('GET')).and(Match.header('x-user').regex('b.*')),
          Match.uri().exact('/status'),
          Match.cookie('beta').exact('yes'),
        ],
        to: [
          Destination.host({ weight: 90, headers }),
          Destination.otherHost('reviews-v2', { port: 8080, weight: 10 }),
        ],
        headers,
        timeout: Duration.millis(1500),
        mirror: [
          Mirror.toHost('audit', { port: 80, percent: 0.5 }),
          Mirror.toHost('audit.other.svc.cluster.local', { port: 80, percent: 5 }),
          Mirror.toHost('copies.example.com', { port: 443 }),
        ],
        cors: {
          allowOrigins: [Origin.exact('https://*.example.com'), Origin.exact('http://localhost:8080')],
          allowMethods: ['GET', 'POST'],
          allowHeaders: ['x-user'],
          exposeHeaders: ['x-d'],
          maxAge: Duration.minutes(10),
          allowCredentials: true,
        },
      },
      {
        match: [Match.pathPrefix('/old')],
        to: [Destination.host()],
        rewrite: { prefixRewrite: '/', authority: 'reviews.example.com' },
        cors: { allowOrigins: [Origin.ANY] },
      },
      { match: [Match.uri().exact('/one')], to: [Destination.host()], rewrite: { uri: '/other' } },
      {
        match: [Match.pathPrefix('/moved')],
        redirect: { prefixRewrite: '/here', authority: 'shop.example.com', scheme: 'https', port: 8443, code: 308 },
      },
      { match: [Match.uri().exact('/gone')], redirect: { uri: '/here' } },
      { to: [Destination.otherHost('ratings.other.svc.cluster.local', { weight: 1 })] },
    ],
  });
  new GRPCRoute(chart, 'every-call', {
    namespace,
    parents: [RouteParent.service('cart')],
    rules: [
      {
        name: 'calls',
        match: [
          Match.grpcMethod({ service: 'shop.v1.Cart', name: 'AddItem' }),
          Match.grpcMethod({ service: 'shop.v1.Cart' }).and(Match.header('x-user').regex('a.*')),
          Match.grpcMethod({ name: 'Check' }),
          Match.uri().regex('/shop\\.v[12]\\.Cart/List.*'),
        ],
        headers,
        to: [Destination.host({ port: 9000, headers })],
        mirror: Mirror.toHost('audit', { port: 80, percent: 10 }),
      },
      { to: [Destination.otherHost('cart-v2', { port: 9000 })] },
    ],
  });
  new TLSRoute(chart, 'every-connection', {
    namespace,
    name: 'connections',
    parents: [RouteParent.gateway({ name: 'public', namespace }, { listener: 'tls' })],
    hostnames: ['db.example.com', '*.db.example.com'],
    to: [
      Destination.otherHost('db', { port: 5432, weight: 3 }),
      Destination.otherHost('db-new', { port: 5432, weight: 1 }),
    ],
  });
  new ReferenceGrant(chart, 'from-shop', {
    namespace: 'other',
    from: [
      { kind: 'HTTPRoute', namespace },
      { kind: 'Gateway', namespace },
    ],
    to: [{ kind: 'Service' }, { kind: 'Secret', name: 'shop-tls' }],
  });
}

function gateways(chart: Chart): KubernetesGateway {
  const entry = new ServiceEntry(chart, 'outside', {
    namespace,
    hosts: ['api.example.com'],
    ports: [{ number: 80, protocol: 'HTTP' }],
    resolution: Resolution.dns(),
  });
  new HTTPRoute(chart, 'outside-route', {
    namespace,
    parents: [RouteParent.serviceEntry(entry, { port: 80 })],
    rules: [{ to: [Destination.otherHost('api.example.com')], timeout: Duration.seconds(1) }],
  });
  new KubernetesGateway(chart, 'behind-ingress', {
    namespace,
    service: 'ingress',
    listeners: [{ name: 'tcp', port: 9000, protocol: 'TCP', allowedRoutes: { kinds: ['TCPRoute'] } }],
  });
  new KubernetesGateway(chart, 'with-address', {
    namespace,
    loadBalancerIp: '203.0.113.1',
    listeners: [
      {
        name: 'own',
        port: 443,
        protocol: 'HTTPS',
        tls: ListenerTls.istioSimple(),
        allowedRoutes: { namespaces: { matchExpressions: [{ key: 'team', operator: 'In', values: ['shop'] }] } },
      },
    ],
    allowedListeners: 'All',
    clientValidation: {
      authorities: ['clients', { name: 'partners', namespace: 'other' }],
      allowInsecureFallback: true,
    },
    backendCertificate: 'gateway-identity',
  });
  // An object of another team; there is no construct for a ListenerSet.
  new ApiObject(chart, 'more', {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'ListenerSet',
    metadata: { name: 'more', namespace: 'other' },
    spec: {
      parentRef: { name: 'with-address', namespace },
      listeners: [{ name: 'http', port: 8081, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } }],
    },
  });
  new HTTPRoute(chart, 'added-listener', {
    namespace,
    parents: [RouteParent.listenerSet({ name: 'more', namespace: 'other' }, { listener: 'http' })],
    rules: [{ to: [Destination.otherHost('web', { port: 80 })], retries: { perTryTimeout: Duration.seconds(1) } }],
  });
  return new KubernetesGateway(chart, 'public', {
    namespace,
    gatewayClass: 'istio',
    infrastructure: {
      labels: { team: 'shop' },
      annotations: { 'networking.istio.io/service-type': 'ClusterIP' },
      configMap: 'public-options',
    },
    listeners: [
      { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: 'All' } },
      {
        name: 'https',
        port: 443,
        protocol: 'HTTPS',
        hostname: '*.example.com',
        tls: ListenerTls.simple({
          certificate: { name: 'shop-tls', namespace: 'other' },
          cipherSuites: ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384'],
        }),
        allowedRoutes: { namespaces: { team: 'shop' }, kinds: ['HTTPRoute', 'GRPCRoute'] },
      },
      {
        name: 'mutual',
        port: 8443,
        protocol: 'HTTPS',
        tls: ListenerTls.mutual({ certificate: [{ name: 'rsa' }, { name: 'ecdsa' }] }),
      },
      { name: 'optional', port: 8444, protocol: 'HTTPS', tls: ListenerTls.optionalMutual({ certificate: 'own' }) },
      { name: 'mesh', port: 8445, protocol: 'HTTPS', tls: ListenerTls.istioMutual() },
      { name: 'tls', port: 5432, protocol: 'TLS', tls: ListenerTls.PASSTHROUGH, allowedRoutes: { namespaces: 'Same' } },
    ],
  });
}
