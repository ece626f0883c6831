import { ApiObject, type Chart } from 'cdk8s';
import {
  AuthorizationPolicy,
  ClientTls,
  Destination,
  Gateway,
  GRPCRoute,
  HTTPRoute,
  KubernetesGateway,
  Match,
  MeshNamespace,
  MeshTelemetry,
  PeerAuthentication,
  MutualTls,
  ReferenceGrant,
  Requests,
  Resolution,
  RouteParent,
  ServerTls,
  ServiceEntry,
  Sidecar,
  SidecarInjection,
  TrafficPolicy,
  type GatewayServer,
  type HTTPRouteProps,
  type KubernetesGatewayProps,
  type MeshTelemetryProps,
  type ServiceObject,
  type TrafficPolicyProps,
} from 'istio-module';
import { fakeModule } from '../synthesis';
import { advice, type AdvisedInput, type Fill } from './advised-input';

/** Advice about several objects together. */
const together = (text: string, wrong: Fill, ...mended: readonly Fill[]): AdvisedInput => ({
  advice: text,
  wrong,
  mended,
});

const service = (chart: Chart, name: string, port = 80, namespace = 'shop') =>
  new ApiObject(chart, `${namespace}-${name}`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { ports: [{ port }] },
  });
const backend = (port = 80) => Destination.otherHost('web.shop.svc.cluster.local', { port });
const edge = RouteParent.gateway({ name: 'public', namespace: 'edge' });
const httpRoute = (chart: Chart, props: Partial<HTTPRouteProps> = {}) =>
  new HTTPRoute(chart, 'one', { namespace: 'shop', parents: [edge], rules: [{ to: [backend()] }], ...props });
const publicGateway = (chart: Chart, props: Partial<KubernetesGatewayProps> = {}) =>
  new KubernetesGateway(chart, 'public', {
    namespace: 'edge',
    listeners: [{ name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: 'All' } }],
    ...props,
  });
const routed = advice(
  ({ route, gateway }: { route?: Partial<HTTPRouteProps>; gateway?: Partial<KubernetesGatewayProps> }) =>
    (chart) => {
      publicGateway(chart, gateway);
      httpRoute(chart, route);
    },
);
const HTTP: GatewayServer = { port: 80, protocol: 'HTTP', hosts: ['a.example.com'] };
const PASSTHROUGH: GatewayServer = { port: 443, protocol: 'TLS', hosts: ['a.example.com'], tls: ServerTls.PASSTHROUGH };
const served = advice(
  ({
    servers,
    gateways,
    hosts,
  }: {
    servers?: GatewayServer[];
    gateways?: readonly string[];
    hosts?: readonly string[];
  }) =>
    (chart) => {
      const gateway = new Gateway(chart, 'g', {
        namespace: 'shop',
        selector: { istio: 'g' },
        servers: servers ?? [HTTP],
      });
      new TrafficPolicy(chart, 'one', {
        ...{ namespace: 'shop', hosts: hosts ?? ['a.example.com'], gateways: [gateway, ...(gateways ?? [])] },
        routes: [{ to: [Destination.otherHost('web')] }],
      });
    },
);
const policy = (chart: Chart, id: string, props: Partial<TrafficPolicyProps> = {}) =>
  new TrafficPolicy(chart, id, {
    ...{ namespace: 'shop', host: 'web', routes: [{ to: [Destination.host()] }] },
    ...props,
  });
const telemetry = advice(
  ({ module, ...props }: MeshTelemetryProps & { module?: Parameters<typeof fakeModule>[1] }) =>
    (chart) => {
      fakeModule(chart, module);
      new MeshTelemetry(chart, 'one', { namespace: 'shop', ...props });
    },
);
const inNamespace =
  (injection: SidecarInjection, fill: Fill): Fill =>
  (chart) => {
    new MeshNamespace(chart, 'shop', { name: 'shop', injection });
    fill(chart);
  };
const ZIPKIN = { name: 'zipkin', zipkin: { service: 'zipkin.telemetry.svc.cluster.local', port: 9411 } };
const { ENABLED, DISABLED } = SidecarInjection;
const tls =
  (clientTls?: ClientTls): Fill =>
  (chart) =>
    policy(chart, 'one', { clientTls, circuitBreaker: { consecutive5xxErrors: 5 } });
const strict = (chart: Chart, id: string, name = id) =>
  new PeerAuthentication(chart, id, { namespace: 'shop', name, mode: MutualTls.STRICT });

/** Advice that depends on another object. */
export const relations: readonly AdvisedInput[] = [
  together(
    'write one of those, or add it there',
    (chart) => {
      service(chart, 'web', 80);
      httpRoute(chart, { rules: [{ to: [backend(81)] }] });
    },
    (chart) => {
      service(chart, 'web', 80);
      httpRoute(chart);
    },
    (chart) => {
      service(chart, 'web', 81);
      httpRoute(chart, { rules: [{ to: [backend(81)] }] });
    },
  ),
  together(
    'name its namespace, if that is the intended one',
    (chart) => {
      service(chart, 'web', 80, 'other');
      httpRoute(chart);
    },
    (chart) => {
      service(chart, 'web', 80, 'other');
      httpRoute(chart, {
        namespace: 'other',
        rules: [{ to: [Destination.otherHost('web.other.svc.cluster.local', { port: 80 })] }],
      });
    },
  ),
  together(
    'add one there',
    (chart) => {
      new MeshNamespace(chart, 'shop', { name: 'shop' });
      httpRoute(chart, { namespace: 'front' });
    },
    (chart) => {
      new MeshNamespace(chart, 'shop', { name: 'shop' });
      httpRoute(chart, { namespace: 'front' });
      new ReferenceGrant(chart, 'grant', {
        ...{ namespace: 'shop', from: [{ kind: 'HTTPRoute', namespace: 'front' }], to: [{ kind: 'Service' }] },
      });
    },
  ),
  routed(
    'write one of those, or add a listener there',
    { route: { parents: [RouteParent.gateway({ name: 'public', namespace: 'edge' }, { port: 81 })] } },
    { route: { parents: [RouteParent.gateway({ name: 'public', namespace: 'edge' }, { port: 80 })] } },
  ),
  routed(
    'allow other namespaces in their allowedRoutes, or move the route',
    { gateway: { listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] } },
    {},
    {
      gateway: { listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
      route: { namespace: 'edge', rules: [{ to: [Destination.otherHost('web', { port: 80 })] }] },
    },
  ),
  routed(
    'add a host there, or write one of those',
    {
      route: { hostnames: ['b.example.com'] },
      gateway: {
        listeners: [
          { name: 'http', port: 80, protocol: 'HTTP', hostname: 'a.example.com', allowedRoutes: { namespaces: 'All' } },
        ],
      },
    },
    { route: { hostnames: ['b.example.com'] } },
    {
      route: { hostnames: ['a.example.com'] },
      gateway: {
        listeners: [
          { name: 'http', port: 80, protocol: 'HTTP', hostname: 'a.example.com', allowedRoutes: { namespaces: 'All' } },
        ],
      },
    },
  ),
  together(
    'add a listener that does, or allow it there',
    (chart) => {
      publicGateway(chart, {
        listeners: [
          { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: 'All', kinds: ['HTTPRoute'] } },
        ],
      });
      new GRPCRoute(chart, 'one', { namespace: 'shop', parents: [edge], rules: [{ to: [backend()] }] });
    },
    (chart) => {
      publicGateway(chart);
      new GRPCRoute(chart, 'one', { namespace: 'shop', parents: [edge], rules: [{ to: [backend()] }] });
    },
  ),
  together(
    'put the rules into one',
    (chart) => {
      policy(chart, 'web');
      httpRoute(chart, { parents: [RouteParent.service('web')] });
    },
    (chart) => policy(chart, 'web'),
    (chart) => httpRoute(chart, { parents: [RouteParent.service('web')] }),
  ),
  together(
    'put the rules into one, or match other ports',
    (chart) => {
      policy(chart, 'web');
      httpRoute(chart, { parents: [RouteParent.service('web', { port: 80 })] });
    },
    (chart) => policy(chart, 'web'),
  ),
  together(
    'enable it there, or let the workloads themselves refuse requests',
    inNamespace(
      DISABLED,
      (chart) => new AuthorizationPolicy(chart, 'one', { namespace: 'shop', rules: Requests.NONE }),
    ),
    inNamespace(ENABLED, (chart) => new AuthorizationPolicy(chart, 'one', { namespace: 'shop', rules: Requests.NONE })),
    inNamespace(DISABLED, () => undefined),
  ),
  together(
    'write DISABLE, or leave tls out',
    inNamespace(DISABLED, tls(ClientTls.ISTIO_MUTUAL)),
    inNamespace(DISABLED, tls(ClientTls.DISABLE)),
    inNamespace(DISABLED, tls()),
  ),
  together(
    'put both into one DestinationRule',
    (chart) => {
      tls(ClientTls.DISABLE)(chart);
      policy(chart, 'other', { routes: undefined, circuitBreaker: { maxRequests: 1 } });
    },
    (chart) =>
      policy(chart, 'one', {
        clientTls: ClientTls.DISABLE,
        circuitBreaker: { consecutive5xxErrors: 5, maxRequests: 1 },
      }),
  ),
  together(
    'put both into one',
    (chart) => {
      strict(chart, 'a');
      strict(chart, 'b');
    },
    (chart) => strict(chart, 'a'),
  ),
  together(
    'put the hosts into one server of one Gateway, or write other hosts',
    (chart) => {
      for (const id of ['a', 'b']) {
        new Gateway(chart, id, { namespace: 'shop', selector: { istio: 'g' }, servers: [PASSTHROUGH] });
      }
    },
    (chart) => new Gateway(chart, 'a', { namespace: 'shop', selector: { istio: 'g' }, servers: [PASSTHROUGH] }),
    (chart) => {
      for (const id of ['a', 'b']) {
        const servers: GatewayServer[] = [{ ...PASSTHROUGH, hosts: [`${id}.example.com`] }];
        new Gateway(chart, id, { namespace: 'shop', selector: { istio: 'g' }, servers });
      }
    },
  ),
  served(
    'add one (HTTP, or HTTPS that the gateway terminates), or leave it out of gateways',
    { servers: [PASSTHROUGH] },
    {
      servers: [PASSTHROUGH, HTTP],
    },
  ),
  served(
    'add them to the gateway, or name others in hosts',
    { hosts: ['b.example.com'] },
    { hosts: ['b.example.com'], servers: [{ ...HTTP, hosts: ['b.example.com'] }] },
    { hosts: ['a.example.com'] },
  ),
  served(
    "add it to one of them, or add 'mesh' to gateways",
    { hosts: ['a.example.com', 'b.example.com'] },
    { hosts: ['a.example.com', 'b.example.com'], servers: [{ ...HTTP, hosts: ['a.example.com', 'b.example.com'] }] },
    { hosts: ['a.example.com', 'b.example.com'], gateways: ['mesh'] },
  ),
  together(
    "set its hosts to 'delegated'",
    (chart) => {
      const delegate = policy(chart, 'web');
      policy(chart, 'one', { host: undefined, hosts: ['a.example.com'], routes: [{ delegate }] });
    },
    (chart) => {
      const delegate = policy(chart, 'web', { hosts: 'delegated' });
      policy(chart, 'one', { host: undefined, hosts: ['a.example.com'], routes: [{ delegate }] });
    },
  ),
  together(
    'add it to exportTo of that policy',
    (chart) => {
      const delegate = policy(chart, 'web', { hosts: 'delegated', exportTo: ['.'] });
      policy(chart, 'one', { namespace: 'edge', host: undefined, hosts: ['a.example.com'], routes: [{ delegate }] });
    },
    (chart) => {
      const delegate = policy(chart, 'web', { hosts: 'delegated', exportTo: ['.', 'edge'] });
      policy(chart, 'one', { namespace: 'edge', host: undefined, hosts: ['a.example.com'], routes: [{ delegate }] });
    },
  ),
  together(
    'write the routes here',
    (chart) => policy(chart, 'one', { hosts: 'delegated', routes: [{ delegate: { name: 'other' } }] }),
    (chart) => policy(chart, 'one', { hosts: 'delegated' }),
  ),
  together(
    'let clients use HTTP there, or leave clientTls out',
    (chart) => {
      policy(chart, 'one', { host: external(chart, 'HTTPS'), routes: undefined, clientTls: ClientTls.simple() });
    },
    (chart) =>
      policy(chart, 'one', { host: external(chart, 'HTTP'), routes: undefined, clientTls: ClientTls.simple() }),
    (chart) =>
      policy(chart, 'one', { host: external(chart, 'HTTPS'), routes: undefined, circuitBreaker: { maxRequests: 1 } }),
  ),
  together(
    'set the prop rootNamespace',
    (chart) => new PeerAuthentication(chart, 'one', { mode: MutualTls.STRICT }),
    (chart) => new PeerAuthentication(chart, 'one', { mode: MutualTls.STRICT, rootNamespace: 'istio-system' }),
  ),
  together(
    'set it in the metadata of the Service',
    (chart) => new Sidecar(chart, 'one', { rootNamespace: 'istio-system', egress: { hosts: [db()] } }),
    (chart) => new Sidecar(chart, 'one', { rootNamespace: 'istio-system', egress: { hosts: [db('shop')] } }),
  ),
  together(
    "add a selector such as { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } }",
    (chart) => {
      new MeshNamespace(chart, 'shop', { name: 'shop' });
      fakeModule(chart, { meshConfig: { discoverySelectors: [selector('istio-system')] } });
    },
    (chart) => {
      new MeshNamespace(chart, 'shop', { name: 'shop' });
      fakeModule(chart, { meshConfig: { discoverySelectors: [selector('istio-system'), selector('shop')] } });
    },
  ),
  telemetry(
    "set tracing.provider, or the module's tracing",
    { tracing: { samplingPercent: 1 } },
    { module: { meshConfig: { extensionProviders: [ZIPKIN] } }, tracing: { samplingPercent: 1, provider: 'zipkin' } },
  ),
  telemetry(
    'name one in providers',
    { module: { accessLogFile: '' }, accessLogs: [{ disabled: false }] },
    { module: { accessLogFile: '' }, accessLogs: [{ providers: ['envoy'] }] },
  ),
  together(
    'match other requests, or put both into one',
    (chart) =>
      httpRoute(chart, {
        rules: [
          { match: [Match.pathPrefix('/a')], to: [backend()] },
          { match: [Match.pathPrefix('/a')], to: [backend()] },
        ],
      }),
    (chart) => httpRoute(chart, { rules: [{ match: [Match.pathPrefix('/a')], to: [backend()] }] }),
    (chart) =>
      httpRoute(chart, {
        rules: [
          { match: [Match.pathPrefix('/a')], to: [backend()] },
          { match: [Match.pathPrefix('/b')], to: [backend()] },
        ],
      }),
  ),
];

function selector(name: string) {
  return { matchLabels: { 'kubernetes.io/metadata.name': name } };
}

function db(namespace?: string): ServiceObject {
  return { kind: 'Service', name: 'db', metadata: { namespace } };
}

function external(chart: Chart, protocol: 'HTTP' | 'HTTPS'): ServiceEntry {
  return new ServiceEntry(chart, 'api', {
    ...{ namespace: 'shop', hosts: ['api.example.com'], resolution: Resolution.dns() },
    ports: [{ number: 443, protocol }],
  });
}
