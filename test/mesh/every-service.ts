import { ApiObject, type Chart } from 'cdk8s';
import { GrpcStatus, MeshNamespace, TrafficPolicy } from 'istio-module';

/** The services of the namespace `shop`, with the versions of their pods. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  reviews: ['v1', 'v2'],
  routes: ['v1', 'v2'],
  audit: ['v1'],
  db: ['v1'],
  ...Object.fromEntries(['login', 'opa', 'elsewhere'].map((host) => [host, ['v1']])),
  ...Object.fromEntries(['cart', 'connections'].map((host) => [host, ['v1', 'v2']])),
  ...Object.fromEntries(
    ['disable', 'istio', 'secret', 'mutual', 'mutual-secret'].map((mode) => [`tls-${mode}`, ['v1']]),
  ),
  ...Object.fromEntries(['canary', 'ab-test', 'blue-green', 'dark-launch'].map((host) => [host, ['v1', 'v2']])),
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((index) => [`balanced-${String(index)}`, ['v1']])),
  ...Object.fromEntries(
    Object.values(GrpcStatus).map((status) => [`drill-${status.toLowerCase().replace(/_/g, '-')}`, ['v1']]),
  ),
};

/** What the objects of `everyPolicy` refer to: services with pods, gateways, external hosts and their subsets. */
export function everyService(chart: Chart): void {
  for (const [name, versions] of Object.entries(SERVICES)) service(chart, name, versions);
  border(chart);
  for (const name of ['ingress', 'test-1']) new MeshNamespace(chart, name, { name });
  gateway(chart, 'ingress', 'public', { pods: 'ingress', port: 80 });
  gateway(chart, 'shop', 'public', { pods: 'inner', port: 443 });
  gateway(chart, 'shop', 'own', { pods: 'inner', port: 80 });
  new ApiObject(chart, 'other', {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: 'other', namespace: 'shop' },
    spec: {
      hosts: ['other.example.com'],
      location: 'MESH_EXTERNAL',
      resolution: 'STATIC',
      ports: [{ number: 65535, name: 'http', protocol: 'HTTP' }],
      endpoints: [{ address: '203.0.113.1', labels: { version: 'v1' } }],
    },
  });
  new TrafficPolicy(chart, 'other-subsets', {
    namespace: 'shop',
    host: 'other.example.com',
    subsets: { all: { version: 'v1' } },
  });
  new TrafficPolicy(chart, 'audit-subsets', { namespace: 'shop', host: 'audit', subsets: { all: { app: 'audit' } } });
}

/** The pods and Service for the Gateway of `everyBorder` that has pods of its own. */
function border(chart: Chart): void {
  const labels = { 'example.com/tier': '', istio: 'other' };
  const metadata = { name: 'other', namespace: 'istio-system' };
  new ApiObject(chart, 'pod-other', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, labels },
    spec: { containers: [{ name: 'app', image: 'app:1' }] },
  });
  const ports = [8080, 9000, 9001, 9002, 9003].map((port) => ({ name: `http-${String(port)}`, port }));
  new ApiObject(chart, 'service-other', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector: labels, ports },
  });
}

/** The ports of services that are not 80. */
const PORTS: Readonly<Record<string, number>> = { connections: 9000, elsewhere: 1 };

function service(chart: Chart, name: string, versions: readonly string[]): void {
  new ApiObject(chart, `service-${name}`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: {
      selector: { app: name },
      ports: [{ name: 'http', port: PORTS[name] ?? 80, targetPort: 8080, protocol: 'TCP' }],
    },
  });
  for (const version of versions) {
    const labels = { app: name, version, tier: 'public', 'example.com/tier': '' };
    new ApiObject(chart, `pod-${name}-${version}`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${name}-${version}`, namespace: 'shop', labels },
      spec: { containers: [{ name: 'app', image: 'app:1' }] },
    });
  }
}

/** A Gateway for the pods of an ingress gateway of `everyModuleSetting`. */
function gateway(
  chart: Chart,
  namespace: string,
  name: string,
  { pods, port }: { readonly pods: string; readonly port: number },
): void {
  new ApiObject(chart, `gateway-${namespace}-${name}`, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace },
    spec: {
      selector: { istio: pods },
      servers: [{ port: { number: port, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
    },
  });
}
