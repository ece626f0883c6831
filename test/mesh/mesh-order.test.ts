import { ApiObject, App, Chart, DependencyGraph } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Destination, MeshNamespace, SidecarInjection, StrictPeerAuthentication, TrafficPolicy } from 'istio-module';
import { emptyChart, fakeModule, synthesized, title } from './synthesis';

const ISTIOD = 'Deployment/istio-system/istiod';
const AGENT = 'DaemonSet/istio-system/istio-cni-node';

/** Everything that an object waits for, directly or indirectly, as a deployment tool reads it. */
function awaited(object: IConstruct): string[] {
  const found = new Set<IConstruct>();
  const visit = (one: IConstruct): void => {
    for (const dependency of one.node.dependencies) {
      if (!found.has(dependency)) {
        found.add(dependency);
        visit(dependency);
      }
    }
  };
  visit(object);
  return [...found].filter((one) => one instanceof ApiObject).map(titleOf);
}

function titleOf({ kind, name, metadata }: ApiObject): string {
  return [kind, kind === 'Namespace' ? undefined : metadata.namespace, name].filter((part) => part).join('/');
}

function find(chart: Chart, wanted: string): ApiObject {
  const found = chart.node
    .findAll()
    .find((one): one is ApiObject => one instanceof ApiObject && titleOf(one) === wanted);
  if (!found) throw new Error(`no ${wanted}`);
  return found;
}

function policies(chart: Chart): void {
  const shop = new MeshNamespace(chart, 'shop', { name: 'shop' });
  new MeshNamespace(chart, 'legacy', { name: 'legacy', injection: SidecarInjection.DISABLED });
  new StrictPeerAuthentication(chart, 'db', { namespace: shop, workload: { app: 'db' } });
  new TrafficPolicy(chart, 'reviews', { namespace: shop, host: 'reviews', routes: [{ to: [Destination.host()] }] });
}

const WEBHOOKS = [
  'MutatingWebhookConfiguration/istio-sidecar-injector',
  'ValidatingWebhookConfiguration/istiod-default-validator',
];
const POLICIES = ['DestinationRule/legacy/no-sidecars', 'PeerAuthentication/shop/db', 'VirtualService/shop/reviews'];

describe('order', () => {
  test('is namespace, base and what istiod needs, istiod, the CNI node agent, the webhooks, then gateways', () => {
    const chart = emptyChart();
    fakeModule(chart, { ingressGateways: [{ name: 'ingress' }] });
    expect(awaited(find(chart, 'CustomResourceDefinition/virtualservices.networking.istio.io'))).toEqual([
      'Namespace/istio-system',
    ]);
    expect(awaited(find(chart, ISTIOD)).sort()).toEqual([
      'ClusterRole/istiod',
      'ConfigMap/istio-system/fake-istio-base',
      'ConfigMap/istio-system/fake-istiod',
      'CustomResourceDefinition/virtualservices.networking.istio.io',
      'Namespace/istio-system',
      'Service/istio-system/istiod',
      'ServiceAccount/istio-system/istiod',
    ]);
    for (const webhooks of WEBHOOKS) {
      expect(awaited(find(chart, webhooks))).toEqual(expect.arrayContaining([ISTIOD, AGENT]));
      expect(awaited(find(chart, 'Deployment/istio-system/ingress'))).toContain(webhooks);
      expect(awaited(find(chart, 'PeerAuthentication/istio-system/default'))).toContain(webhooks);
    }
    expect(awaited(find(chart, 'HorizontalPodAutoscaler/istio-system/istiod'))).toContain(ISTIOD);
    expect(awaited(find(chart, AGENT))).toEqual(
      expect.arrayContaining([ISTIOD, 'ServiceAccount/istio-system/istio-cni']),
    );
    expect(awaited(find(chart, 'Deployment/istio-system/ingress'))).toEqual(
      expect.arrayContaining([ISTIOD, AGENT, 'ServiceAccount/istio-system/ingress']),
    );
    expect(awaited(find(chart, 'PeerAuthentication/istio-system/default'))).toEqual(
      expect.arrayContaining([ISTIOD, AGENT, 'Namespace/istio-system']),
    );
  });

  test.each(['before', 'after'])('makes what is in the Chart %s the module wait for it, before synthesis', (when) => {
    const chart = emptyChart();
    if (when === 'before') policies(chart);
    fakeModule(chart);
    if (when === 'after') policies(chart);
    for (const policy of POLICIES) {
      expect(awaited(find(chart, policy))).toEqual(
        expect.arrayContaining([ISTIOD, AGENT, `Namespace/${policy.split('/')[1] ?? ''}`]),
      );
    }
    expect(() => new DependencyGraph(chart.node).topology()).not.toThrow();
  });

  test.each(['before', 'after'])('makes plain objects made %s the module wait for it, once synthesized', (when) => {
    const chart = emptyChart();
    const plain = () => {
      new ApiObject(chart, 'sidecar', {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Sidecar',
        metadata: { name: 'default', namespace: 'shop' },
      });
      for (const namespace of ['shop', 'legacy', 'elsewhere']) {
        const metadata = { name: 'web', namespace };
        new ApiObject(chart, `web-${namespace}`, { apiVersion: 'apps/v1', kind: 'Deployment', metadata });
      }
      const metadata = { name: 'web', namespace: 'shop' };
      new ApiObject(chart, 'service', { apiVersion: 'v1', kind: 'Service', metadata });
    };
    if (when === 'before') plain();
    fakeModule(chart);
    policies(chart);
    if (when === 'after') plain();
    synthesized(chart);
    expect(awaited(find(chart, 'Sidecar/shop/default'))).toEqual(expect.arrayContaining([ISTIOD, 'Namespace/shop']));
    expect(awaited(find(chart, 'Deployment/shop/web'))).toEqual(
      expect.arrayContaining([ISTIOD, AGENT, 'Namespace/shop']),
    );
    expect(awaited(find(chart, 'Service/shop/web'))).toEqual(['Namespace/shop']);
    expect(awaited(find(chart, 'Deployment/legacy/web'))).toEqual(['Namespace/legacy']);
    expect(awaited(find(chart, 'Deployment/elsewhere/web'))).toEqual([]);
  });

  test.each(['before', 'after'])('crosses Charts, with a module %s the policies', (when) => {
    const app = new App();
    const [first, second] = [new Chart(app, 'first'), new Chart(app, 'second')];
    const [istio, shop] = when === 'before' ? [first, second] : [second, first];
    if (when === 'before') fakeModule(istio);
    policies(shop);
    if (when === 'after') fakeModule(istio);
    app.synthYaml();
    expect(awaited(find(shop, 'VirtualService/shop/reviews'))).toContain(ISTIOD);
    expect(app.charts.indexOf(istio)).toBeLessThan(app.charts.indexOf(shop));
  });

  test('binds policies to the control plane of their own Chart where there are several', () => {
    const app = new App();
    const charts = ['east', 'west'].map((name) => new Chart(app, name));
    charts.forEach((chart) => {
      policies(chart);
    });
    charts.forEach((chart) => fakeModule(chart));
    app.synthYaml();
    for (const chart of charts) {
      const dependencies = find(chart, 'VirtualService/shop/reviews').node.dependencies;
      expect(dependencies.map((one) => Chart.of(one).node.id)).toEqual(dependencies.map(() => chart.node.id));
    }
  });

  test('walks few paths for each policy, whatever their number', () => {
    const chart = emptyChart();
    fakeModule(chart);
    const paths = (object: IConstruct): number => {
      const below = object.node.dependencies.map(paths);
      return below.reduce((sum, one) => sum + one, 1);
    };
    policies(chart);
    expect(paths(find(chart, 'PeerAuthentication/shop/db'))).toBeLessThan(30);
  });

  test('lets a gateway of the module live in a namespace of another Chart', () => {
    const app = new App();
    const istio = new Chart(app, 'istio');
    fakeModule(istio, { ingressGateways: [{ name: 'ingress', namespace: 'edge' }] });
    const edge = new Chart(app, 'edge');
    new StrictPeerAuthentication(edge, 'strict', { namespace: new MeshNamespace(edge, 'edge', { name: 'edge' }) });
    expect(() => app.synthYaml()).not.toThrow();
  });

  test('holds for the printed manifests of many policies', () => {
    const chart = emptyChart();
    policies(chart);
    for (let index = 0; index < 200; index++) {
      new TrafficPolicy(chart, `service-${String(index)}`, {
        namespace: 'shop',
        host: `service-${String(index)}`,
        subsets: { v1: { version: 'v1' } },
        routes: [{ to: [Destination.subset('v1')] }],
      });
    }
    fakeModule(chart);
    const titles = synthesized(chart).map(title);
    const at = (wanted: string) => titles.indexOf(wanted);
    expect(at('Namespace/istio-system')).toBeLessThan(at(ISTIOD));
    expect(at('MutatingWebhookConfiguration/istio-sidecar-injector')).toBeGreaterThan(at(ISTIOD));
    for (const policy of titles.filter((one) => /^(VirtualService|DestinationRule|PeerAuthentication)\//.test(one))) {
      expect(at(policy)).toBeGreaterThan(at(AGENT));
    }
  });
});
