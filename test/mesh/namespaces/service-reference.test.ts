import type { Chart } from 'cdk8s';
import { ApiObject } from 'cdk8s';
import * as oldest from 'cdk8s-plus-27';
import * as newest from 'cdk8s-plus-34';
import {
  AccessLog,
  Destination,
  ExternalAuthorizer,
  HTTPRoute,
  KubernetesGateway,
  MeshNamespace,
  Mirror,
  PlaintextService,
  RouteParent,
  Sidecar,
  Tracing,
  TrafficPolicy,
  type ServiceObject,
} from 'istio-module';
import { emptyChart, fakeModule, synthesized, title, valuesOf, type Manifest } from '../synthesis';

const namespace = 'shop';
const metadata = { name: 'web', namespace };
const ports = [{ port: 80 }];

/** Several ways to create the Service web in the namespace shop. */
const MAKERS: readonly (readonly [string, (chart: Chart) => ServiceObject])[] = [
  ['the oldest cdk8s-plus', (chart) => new oldest.Service(chart, 'web', { metadata, ports })],
  ['the newest cdk8s-plus', (chart) => new newest.Service(chart, 'web', { metadata, ports })],
  ['cdk8s', (chart) => new ApiObject(chart, 'web', { apiVersion: 'v1', kind: 'Service', metadata })],
  ['none', () => ({ name: 'web', metadata: { namespace } })],
];

/** Everything that accepts a Service, each with the host that names the Service there. */
const USES: Readonly<Record<string, readonly [(chart: Chart, service: ServiceObject) => void, string]>> = {
  'the egress of a Sidecar': [
    (chart, service) => new Sidecar(chart, 'use', { namespace, egress: { hosts: [service] } }),
    'shop/web.shop.svc.cluster.local',
  ],
  withoutSidecars: [
    (chart, service) => new MeshNamespace(chart, 'use', { name: namespace, withoutSidecars: [service] }),
    'web.shop.svc.cluster.local',
  ],
  'a PlaintextService': [
    (chart, service) => new PlaintextService(chart, 'use', { namespace, service }),
    'web.shop.svc.cluster.local',
  ],
  'the host of a TrafficPolicy': [
    (chart, host) => new TrafficPolicy(chart, 'use', { namespace, host, circuitBreaker: { consecutive5xxErrors: 5 } }),
    'web',
  ],
  'the hosts of a TrafficPolicy': [
    (chart, service) =>
      new TrafficPolicy(chart, 'use', {
        namespace: 'front',
        hosts: [service],
        routes: [{ to: [Destination.otherHost('other')] }],
      }),
    'web.shop.svc.cluster.local',
  ],
  'a Destination': [
    (chart, service) =>
      new TrafficPolicy(chart, 'use', {
        namespace: 'front',
        host: 'other',
        routes: [{ to: [Destination.otherHost(service)] }],
      }),
    'web.shop.svc.cluster.local',
  ],
  'a Mirror': [
    (chart, service) =>
      new TrafficPolicy(chart, 'use', {
        namespace: 'front',
        host: 'other',
        routes: [{ to: [Destination.host()], mirror: Mirror.toHost(service) }],
      }),
    'web.shop.svc.cluster.local',
  ],
  'the parent of a route': [
    (chart, service) =>
      new HTTPRoute(chart, 'use', {
        namespace: 'front',
        parents: [RouteParent.service(service)],
        rules: [{ to: [Destination.otherHost('other', { port: 80 })] }],
      }),
    'Service web of shop',
  ],
  'the backend of a route': [
    (chart, service) =>
      new HTTPRoute(chart, 'use', {
        namespace: 'front',
        parents: [RouteParent.service('other', { port: 80 })],
        rules: [{ to: [Destination.otherHost(service, { port: 80 })] }],
      }),
    'Service web of shop',
  ],
  'a KubernetesGateway': [
    (chart, service) =>
      new KubernetesGateway(chart, 'use', {
        namespace,
        service,
        listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
      }),
    'web.shop.svc.cluster.local',
  ],
  'traces over OTLP': [
    (chart, service) => fakeModule(chart, { tracing: Tracing.otlp({ service, port: 4317 }) }),
    'web.shop.svc.cluster.local',
  ],
  'traces of Zipkin': [
    (chart, service) => fakeModule(chart, { tracing: Tracing.zipkin({ service, port: 9411 }) }),
    'web.shop.svc.cluster.local',
  ],
  'access logs': [
    (chart, service) => fakeModule(chart, { accessLogs: [AccessLog.openTelemetry({ service, port: 4317 })] }),
    'web.shop.svc.cluster.local',
  ],
  'an authorizer over HTTP': [
    (chart, service) =>
      fakeModule(chart, { externalAuthorizers: [ExternalAuthorizer.http({ name: 'a', service, port: 80 })] }),
    'web.shop.svc.cluster.local',
  ],
  'an authorizer over gRPC': [
    (chart, service) =>
      fakeModule(chart, { externalAuthorizers: [ExternalAuthorizer.grpc({ name: 'a', service, port: 80 })] }),
    'web.shop.svc.cluster.local',
  ],
};

describe.each(MAKERS)('a Service of %s', (_, make) => {
  test.each(Object.entries(USES))('goes into %s', (_use, [use, host]) => {
    const chart = emptyChart();
    use(chart, make(chart));
    const others = synthesized(chart).filter((manifest) => title(manifest) !== 'Service/shop/web');
    expect(hostsIn(others)).toContain(host);
  });
});

test.each(Object.entries(USES))('another object than a Service is refused in %s', (_, [use]) => {
  const chart = emptyChart();
  const deployment = new newest.Deployment(chart, 'web', { metadata, containers: [{ image: 'web', portNumber: 80 }] });
  expect(() => {
    use(chart, deployment);
    synthesized(chart);
  }).toThrow("is Deployment 'web', not a Service: name a Service, such as the one that selects its pods");
});

test('a Service whose namespace is not known is refused where clients of the whole mesh look it up', () => {
  const chart = emptyChart();
  const service = new oldest.Service(chart, 'web', { metadata: { name: 'web' }, ports });
  expect(() => fakeModule(chart, { tracing: Tracing.otlp({ service, port: 4317 }) })).toThrow(
    "tracing service 'web' has no known namespace: set it in the metadata of the Service",
  );
});

test('a Service without a namespace is one of the namespace of the policy that names it', () => {
  const chart = emptyChart();
  const service = new newest.Service(chart, 'web', { metadata: { name: 'web' }, ports });
  new TrafficPolicy(chart, 'policy', {
    namespace,
    host: service,
    routes: [{ to: [Destination.otherHost(service)], mirror: Mirror.toHost(service) }],
  });
  const route = { destination: { host: 'web' } };
  expect(synthesized(chart).find(({ kind }) => kind === 'VirtualService')?.spec).toEqual({
    hosts: ['web'],
    http: [{ route: [route], mirrors: [{ ...route, percentage: { value: 100 } }] }],
  });
});

/** Every text in objects and in the values of istiod's chart, and every reference of the Gateway API. */
function hostsIn(manifests: readonly Manifest[]): readonly string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    if (typeof value !== 'object' || value === null) return;
    const { name, namespace: place, kind = 'Service' } = value as Readonly<Record<string, unknown>>;
    if (typeof name === 'string') found.push(`${String(kind)} ${name} of ${String(place)}`);
    Object.values(value).forEach(look);
  };
  look(manifests.map(({ spec }) => spec));
  look(valuesOf(manifests, 'istiod'));
  return found;
}
