import { Duration } from 'cdk8s';
import {
  Destination,
  Gateway,
  GRPCRoute,
  HTTPRoute,
  KubernetesGateway,
  ListenerTls,
  Match,
  Mirror,
  Origin,
  ReferenceGrant,
  RouteParent,
  ServerTls,
  TLSRoute,
  type GatewayServer,
  type GRPCRouteRule,
  type HTTPRouteProps,
  type HTTPRouteRule,
  type KubernetesGatewayProps,
  type Listener,
  type ReferenceGrantProps,
  type GatewayProps,
  type TlsVersion,
  type TlsGatewayServer,
  type TlsListener,
} from 'istio-module';
import { advice, anyProps, type AdvisedInput } from './advised-input';

const servers = advice(
  (all: readonly GatewayServer[]) => (chart) =>
    new Gateway(chart, 'one', { namespace: 'edge', selector: { istio: 'ingress' }, servers: all }),
);
const HTTP = { port: 80, protocol: 'HTTP', hosts: ['a.example.com'] } as const;
const HTTPS: TlsGatewayServer = {
  ...{ port: 443, protocol: 'HTTPS', hosts: ['a.example.com'] },
  tls: ServerTls.simple({ credentialName: 'a' }),
};
const LISTENER = { name: 'http', port: 80, protocol: 'HTTP' } as const;
const TLS_LISTENER: TlsListener = {
  ...{ name: 'https', port: 443, protocol: 'HTTPS', hostname: 'a.example.com' },
  tls: ListenerTls.simple({ certificate: 'a' }),
};
const gateway = advice(
  (props: Partial<KubernetesGatewayProps>) => (chart) =>
    new KubernetesGateway(chart, 'one', { namespace: 'edge', listeners: [LISTENER], ...props }),
);
const listeners = advice(
  (all: readonly Listener[]) => (chart) => new KubernetesGateway(chart, 'one', { namespace: 'edge', listeners: all }),
);
const WEB = RouteParent.service('web');
const route = advice(
  (props: Partial<HTTPRouteProps>) => (chart) =>
    new HTTPRoute(chart, 'one', {
      namespace: 'shop',
      parents: [RouteParent.service('web', { port: 80 })],
      rules: [{ to: [Destination.host({ port: 80 })] }],
      ...props,
    }),
);
const to = [Destination.host({ port: 80 })];
const rule = advice(
  (props: Partial<HTTPRouteRule>) => (chart) =>
    new HTTPRoute(chart, 'one', { namespace: 'shop', parents: [WEB], rules: [{ to, ...props } as HTTPRouteRule] }),
);
const grpcRule = advice(
  (props: Partial<GRPCRouteRule>) => (chart) =>
    new GRPCRoute(chart, 'one', { namespace: 'shop', parents: [WEB], rules: [{ to, ...props }] }),
);
const grant = advice(
  (props: Partial<ReferenceGrantProps>) => (chart) =>
    new ReferenceGrant(chart, 'one', {
      namespace: 'shop',
      from: [{ kind: 'HTTPRoute', namespace: 'edge' }],
      to: [{ kind: 'Service' }],
      ...props,
    }),
);
const edge = RouteParent.gateway({ name: 'public', namespace: 'edge' });

const TCP = { port: 31400, protocol: 'TCP', hosts: ['*'] } as const;
const versions = (minProtocolVersion: TlsVersion, maxProtocolVersion: TlsVersion) =>
  ServerTls.simple({ credentialName: 'a', minProtocolVersion, maxProtocolVersion });

/** Advice about gateways of either API, and routes of the Gateway API. */
export const gateways: readonly AdvisedInput[] = [
  servers(
    "name at least one, such as { port: 80, protocol: 'HTTP', hosts: ['*'] }",
    [],
    [{ port: 80, protocol: 'HTTP', hosts: ['*'] }],
  ),
  servers("name at least one host, or '*' for any", [{ ...HTTP, hosts: [] }], [HTTP], [{ ...HTTP, hosts: ['*'] }]),
  servers("write one such as '10.0.0.1'", [{ ...HTTP, bind: 'localhost' }], [{ ...HTTP, bind: '10.0.0.1' }]),
  servers(
    'set it, such as ServerTls.simple({ credentialName: … })',
    anyProps<GatewayServer[]>([{ ...HTTPS, tls: undefined }] as never),
    [HTTPS],
  ),
  gateway("write one such as '203.0.113.1'", { loadBalancerIp: 'a' }, { loadBalancerIp: '203.0.113.1' }),
  gateway('write 1 to 64', { listeners: [] }, {}),
  listeners('write lower-case letters, digits, hyphens and dots', [{ ...LISTENER, name: 'HTTP' }], [LISTENER]),
  listeners(
    'set it, such as ListenerTls.simple({ certificate: … })',
    anyProps<Listener[]>([{ ...TLS_LISTENER, tls: undefined }] as never),
    [TLS_LISTENER],
  ),
  listeners(
    "write protocol 'HTTPS' or 'TLS', or leave out tls",
    anyProps<Listener[]>([{ ...LISTENER, tls: TLS_LISTENER.tls }] as never),
    [LISTENER],
    [TLS_LISTENER],
  ),
  listeners(
    "write protocol 'TLS' for ListenerTls.PASSTHROUGH",
    [{ ...TLS_LISTENER, tls: ListenerTls.PASSTHROUGH }],
    [{ ...TLS_LISTENER, protocol: 'TLS', tls: ListenerTls.PASSTHROUGH }],
  ),
  listeners(
    "leave out hostname 'a.example.com'",
    anyProps<Listener[]>([{ name: 'tcp', port: 31400, protocol: 'TCP', hostname: 'a.example.com' }] as never),
    [{ name: 'tcp', port: 31400, protocol: 'TCP' }],
  ),
  listeners('write one of HTTP, HTTPS, TLS, TCP', anyProps<Listener[]>([{ ...LISTENER, protocol: 'UDP' }] as never), [
    LISTENER,
  ]),
  listeners(
    'write another',
    [LISTENER, { ...LISTENER, port: 81 }],
    [LISTENER, { ...LISTENER, name: 'other', port: 81 }],
  ),
  listeners('write another port', [LISTENER, { ...TLS_LISTENER, port: 80 }], [LISTENER, TLS_LISTENER]),
  listeners(
    'write another hostname or port',
    [LISTENER, { ...LISTENER, name: 'other' }],
    [LISTENER, { ...LISTENER, name: 'other', hostname: 'a.example.com' }],
    [LISTENER, { ...LISTENER, name: 'other', port: 81 }],
  ),
  listeners(
    "name a label, or write 'All'",
    [{ ...LISTENER, allowedRoutes: { namespaces: {} } }],
    [{ ...LISTENER, allowedRoutes: { namespaces: { team: 'a' } } }],
    [{ ...LISTENER, allowedRoutes: { namespaces: 'All' } }],
  ),
  route(
    "write a path such as '/new'",
    { rules: [{ match: [Match.pathPrefix('/old')], redirect: { prefixRewrite: '' } }] },
    { rules: [{ match: [Match.pathPrefix('/old')], redirect: { prefixRewrite: '/new' } }] },
  ),
  route('name at least one, such as RouteParent.service(…)', { parents: [] }, { parents: [WEB] }),
  route(
    'leave it out, or name a Gateway in parents',
    { hostnames: ['a.example.com'] },
    {},
    {
      hostnames: ['a.example.com'],
      parents: [edge],
      rules: [{ to: [Destination.otherHost('web', { port: 80 })] }],
    },
  ),
  route('write at least one, such as { to: [Destination.host()] }', { rules: [] }, { rules: [{ to }] }),
  route(
    "write a domain name in lower case, optionally with the prefix '*.'",
    { hostnames: ['A.example.com'], parents: [edge], rules: [{ to: [Destination.otherHost('web', { port: 80 })] }] },
    { hostnames: ['a.example.com'], parents: [edge], rules: [{ to: [Destination.otherHost('web', { port: 80 })] }] },
    { hostnames: ['*.example.com'], parents: [edge], rules: [{ to: [Destination.otherHost('web', { port: 80 })] }] },
  ),
  rule(
    'name a header, or leave it out',
    { headers: { request: {} } },
    { headers: { request: { set: { a: 'b' } } } },
    {},
  ),
  rule(
    'write one, or remove the header',
    { headers: { request: { set: { a: '' } } } },
    { headers: { request: { remove: ['a'] } } },
  ),
  rule(
    "write Origin.ANY, or Origin.exact with 'http://' or 'https://' and a host",
    { cors: { allowOrigins: [Origin.regex('https://.*')] } },
    { cors: { allowOrigins: [Origin.ANY] } },
    { cors: { allowOrigins: [Origin.exact('http://a.example.com')] } },
    { cors: { allowOrigins: [Origin.exact('https://a.example.com')] } },
  ),
  rule(
    "write either '*' or others",
    { cors: { allowOrigins: [Origin.ANY], allowHeaders: ['*', 'x-a'] } },
    { cors: { allowOrigins: [Origin.ANY], allowHeaders: ['*'] } },
    { cors: { allowOrigins: [Origin.ANY], allowHeaders: ['x-a'] } },
  ),
  rule(
    'give it its own Service, and write Destination.otherHost(…) or Mirror.toHost(…)',
    { to: [Destination.subset('v1', { port: 80 })] },
    { to: [Destination.otherHost('web-v1', { port: 80 })] },
    { mirror: Mirror.toHost('web-v1', { port: 80 }) },
  ),
  rule(
    'write it, such as { port: 80 }',
    { to: [Destination.otherHost('web')] },
    { to: [Destination.otherHost('web', { port: 80 })] },
  ),
  rule(
    'give each a weight',
    { to: [Destination.host({ port: 80, weight: 1 }), Destination.otherHost('b', { port: 80 })] },
    { to: [Destination.host({ port: 80, weight: 1 }), Destination.otherHost('b', { port: 80, weight: 1 })] },
  ),
  rule(
    'set uri, prefixRewrite or authority, or leave it out',
    { rewrite: {} },
    { rewrite: { uri: '/a' } },
    { match: [Match.pathPrefix('/a')], rewrite: { prefixRewrite: '/b' } },
    { rewrite: { authority: 'a.example.com' } },
    {},
  ),
  rule(
    'write match: [Match.pathPrefix(…)], and further matches in separate rules',
    { rewrite: { prefixRewrite: '/b' } },
    { match: [Match.pathPrefix('/a')], rewrite: { prefixRewrite: '/b' } },
  ),
  rule("write Match.pathPrefix('/a')", { match: [Match.uri().prefix('/a')] }, { match: [Match.pathPrefix('/a')] }),
  rule(
    'write one',
    { match: [Match.uri().exact('/a').and(Match.pathPrefix('/a'))] },
    { match: [Match.uri().exact('/a')] },
    { match: [Match.pathPrefix('/a')] },
  ),
  rule(
    'write Match.method().exact(…)',
    { match: [Match.method().regex('G.*')] },
    { match: [Match.method().exact('GET')] },
  ),
  grpcRule(
    'write Match.grpcMethod(…)',
    { match: [Match.uri().exact('/a')] },
    { match: [Match.grpcMethod({ service: 'a.B', name: 'C' })] },
  ),
  grant('write 1 to 16', { to: [] }, { to: [{ kind: 'Service' }] }),
  grant(
    'write lower-case letters, digits, hyphens and dots',
    { to: [{ kind: 'Service', name: 'Web' }] },
    { to: [{ kind: 'Service', name: 'web' }] },
  ),
  advice(
    (hostnames: readonly string[]) => (chart) =>
      new TLSRoute(chart, 'one', {
        ...{ namespace: 'shop', parents: [edge], hostnames },
        to: [Destination.otherHost('web', { port: 443 })],
      }),
  )('name at least one', [], ['a.example.com']),
  advice(
    (backends: readonly Destination[]) => (chart) =>
      new TLSRoute(chart, 'one', { namespace: 'shop', parents: [edge], hostnames: ['a.example.com'], to: backends }),
  )(
    'name at least one destination, such as Destination.otherHost(…)',
    [],
    [Destination.otherHost('web', { port: 443 })],
  ),
  servers('name it in only one of them', [HTTPS, { ...HTTPS, name: 'other' }], [HTTPS]),
  servers(
    'write another port, or leave it out',
    [TCP, { ...TCP, name: 'other' }],
    [TCP, { ...TCP, name: 'other', port: 31401 }],
    [TCP],
  ),
  servers(
    "write a domain name with a dot, '*.example.com' or '*', with an optional prefix NAMESPACE/",
    [{ ...HTTP, hosts: ['web'] }],
    ...['web.example.com', '*.example.com', '*', 'shop/web.example.com'].map((host) => [{ ...HTTP, hosts: [host] }]),
  ),
  servers('remove the duplicate', [{ ...HTTPS, tls: ServerTls.simple({ credentialName: ['a', 'a'] }) }], [HTTPS]),
  servers(
    'name at least one, or leave it out to accept any client',
    [{ ...HTTPS, tls: ServerTls.mutual({ credentialName: 'a', subjectAltNames: [] }) }],
    [{ ...HTTPS, tls: ServerTls.mutual({ credentialName: 'a', subjectAltNames: ['client'] }) }],
    [{ ...HTTPS, tls: ServerTls.mutual({ credentialName: 'a' }) }],
  ),
  servers(
    'raise the former or lower the latter',
    [{ ...HTTPS, tls: versions('TLSV1_3', 'TLSV1_2') }],
    [{ ...HTTPS, tls: versions('TLSV1_3', 'TLSV1_3') }],
    [{ ...HTTPS, tls: versions('TLSV1_2', 'TLSV1_2') }],
  ),
  servers(
    "set cipherSuites, or write 'TLSV1_2'",
    [{ ...HTTPS, tls: versions('TLSV1_1', 'TLSV1_3') }],
    [
      {
        ...HTTPS,
        tls: ServerTls.simple({ credentialName: 'a', minProtocolVersion: 'TLSV1_1', cipherSuites: ['AES128-SHA'] }),
      },
    ],
    [{ ...HTTPS, tls: versions('TLSV1_2', 'TLSV1_3') }],
  ),
  advice(
    (props: object) => (chart) =>
      new Gateway(chart, 'one', { namespace: 'edge', servers: [HTTP], ...props } as unknown as GatewayProps),
  )('set ingressGateway or selector', {}, { selector: { istio: 'ingress' } }),
  listeners(
    'name one, or two for RSA and ECDSA',
    [{ ...TLS_LISTENER, tls: ListenerTls.simple({ certificate: [] as unknown as [{ name: 'a' }, { name: 'b' }] }) }],
    [TLS_LISTENER],
    [{ ...TLS_LISTENER, tls: ListenerTls.simple({ certificate: [{ name: 'rsa' }, { name: 'ecdsa' }] }) }],
  ),
  route('write one of them in a separate route', { parents: [WEB, WEB] }, { parents: [WEB] }),
  route(
    'name a listener in both, or leave out one of them',
    {
      parents: [edge, RouteParent.gateway({ name: 'public', namespace: 'edge' }, { listener: 'http' })],
      rules: [{ to: [Destination.otherHost('web', { port: 80 })] }],
    },
    { parents: [edge], rules: [{ to: [Destination.otherHost('web', { port: 80 })] }] },
    {
      parents: ['http', 'https'].map((listener) =>
        RouteParent.gateway({ name: 'public', namespace: 'edge' }, { listener }),
      ),
      rules: [{ to: [Destination.otherHost('web', { port: 80 })] }],
    },
  ),
  route(
    'write at most 16, and put the others into further routes',
    { rules: Array.from({ length: 17 }, (_, index) => ({ match: [Match.pathPrefix(`/${String(index)}`)], to })) },
    { rules: Array.from({ length: 16 }, (_, index) => ({ match: [Match.pathPrefix(`/${String(index)}`)], to })) },
  ),
  rule(
    'change fewer, or write a TrafficPolicy',
    { headers: { request: { remove: Array.from({ length: 17 }, (_, index) => `x-${String(index)}`) } } },
    { headers: { request: { remove: Array.from({ length: 16 }, (_, index) => `x-${String(index)}`) } } },
  ),
  rule(
    'write fewer',
    {
      cors: {
        allowOrigins: [Origin.ANY],
        allowHeaders: Array.from({ length: 65 }, (_, index) => `x-${String(index)}`),
      },
    },
    {
      cors: {
        allowOrigins: [Origin.ANY],
        allowHeaders: Array.from({ length: 64 }, (_, index) => `x-${String(index)}`),
      },
    },
  ),
  rule('leave it out, or write a TrafficPolicy', { match: [Match.port(80)] }, {}),
  rule(
    'write exact(…) with a value, or regex(…)',
    { match: [Match.header('a').prefix('b')] },
    { match: [Match.header('a').exact('b')] },
    { match: [Match.header('a').regex('b.*')] },
  ),
  rule("start it with '/'", { redirect: { uri: 'a' }, to: undefined }, { redirect: { uri: '/a' }, to: undefined }),
  rule(
    "start it with '/', and write no '//', '/./' or '%2F'",
    { match: [Match.uri().exact('/a//b')] },
    { match: [Match.uri().exact('/a/b')] },
  ),
  rule(
    'name a destination, such as Destination.otherHost(…)',
    { to: [] },
    { to: [Destination.otherHost('web', { port: 80 })] },
  ),
  rule(
    'write at most Duration.hours(99999)',
    { timeout: Duration.hours(100_000) },
    { timeout: Duration.hours(99_999) },
  ),
];
