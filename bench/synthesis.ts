import { createHash } from 'node:crypto';
import { ApiObject, App, Chart, Duration, type ApiObjectProps } from 'cdk8s';
import {
  Destination,
  IstioCharts,
  IstioModule,
  Match,
  MeshNamespace,
  RetryOn,
  TrafficPolicy,
  type IstioModuleProps,
} from 'istio-module';
import type { Outcome } from './start-up';

const COUNT = 1000;
const NAMESPACE = 'shop';

/** What is measured. */
function policies(chart: Chart): void {
  const shop = new MeshNamespace(chart, NAMESPACE, { name: NAMESPACE });
  for (let index = 0; index < COUNT; index++) {
    const name = `service-${String(index)}`;
    new TrafficPolicy(chart, name, {
      namespace: shop,
      host: name,
      subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
      routes: [
        { match: [Match.header('end-user').exact('jason')], to: [Destination.subset('v2')] },
        {
          to: [Destination.subset('v1', { weight: 90 }), Destination.subset('v2', { weight: 10 })],
          timeout: Duration.seconds(3),
          retries: { attempts: 3, perTryTimeout: Duration.seconds(1), on: [RetryOn.GATEWAY_ERROR] },
        },
      ],
      circuitBreaker: { maxPendingRequests: 50, consecutive5xxErrors: 5, baseEjectionTime: Duration.seconds(30) },
    });
  }
}

/** The floor: the same objects, as cdk8s alone makes them. */
function objects(chart: Chart): void {
  new ApiObject(chart, NAMESPACE, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels: { 'istio-injection': 'enabled' } },
  });
  for (let index = 0; index < COUNT; index++) {
    const name = `service-${String(index)}`;
    new ApiObject(chart, `${name}-destination-rule`, {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        host: name,
        trafficPolicy: {
          connectionPool: { http: { http1MaxPendingRequests: 50 } },
          outlierDetection: { consecutive5xxErrors: 5, baseEjectionTime: '30s' },
        },
        subsets: [
          { name: 'v1', labels: { version: 'v1' } },
          { name: 'v2', labels: { version: 'v2' } },
        ],
      },
    });
    new ApiObject(chart, `${name}-virtual-service`, {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        hosts: [name],
        http: [
          {
            match: [{ headers: { 'end-user': { exact: 'jason' } } }],
            route: [{ destination: { host: name, subset: 'v2' } }],
          },
          {
            route: [
              { destination: { host: name, subset: 'v1' }, weight: 90 },
              { destination: { host: name, subset: 'v2' }, weight: 10 },
            ],
            timeout: '3s',
            retries: { attempts: 3, perTryTimeout: '1s', retryOn: 'gateway-error' },
          },
        ],
      },
    });
  }
}

/** The objects of a control plane, without constructs of this package that take part in synthesis. */
function bareControlPlane(chart: Chart, props: IstioModuleProps): void {
  const other = new Chart(new App(), chart.node.id);
  new IstioModule(other, 'istio', props);
  (other.toJson() as ApiObjectProps[]).forEach(
    (object, index) => new ApiObject(chart, `istio-${String(index)}`, object),
  );
}

const [side, helmExecutable, charts] = process.argv.slice(2);
const bare = side === 'objects';
const chart = new Chart(new App(), 'bench');
if (charts !== undefined) {
  const props = { version: '1.31.1', helmExecutable, charts: IstioCharts.directory(charts) };
  if (bare) bareControlPlane(chart, props);
  else new IstioModule(chart, 'istio', props);
}

const start = process.cpuUsage();
if (bare) objects(chart);
else policies(chart);
const yaml = App.of(chart).synthYaml();
const { user, system } = process.cpuUsage(start);
const milliseconds = (user + system) / 1000;

// Ignores the order, which differs between the sides if one of them depends on a control plane.
const documents = yaml.replace(/\n$/, '').split('\n---\n').sort().join('\n---\n');
const product = createHash('sha256').update(documents).digest('hex');
console.log(JSON.stringify({ milliseconds, product } satisfies Outcome));
