import type { Chart } from 'cdk8s';
import { ApiObject, App, JsonPatch } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import * as everything from 'istio-module';
import {
  Destination,
  ExistingIstio,
  Gateway,
  MeshConstruct,
  MeshNamespace,
  MutualTls,
  PeerAuthentication,
  PlaintextService,
  Resolution,
  RestarterMode,
  ServiceEntry,
  Sidecar,
  SidecarInjection,
  SidecarRestartAccess,
  SidecarRestarter,
  StrictPeerAuthentication,
  TrafficPolicy,
} from 'istio-module';
import { parseAllDocuments } from 'yaml';
import { everyExtension } from './every-extension';
import { everyGatewayApi } from './gateway-api/every-gateway-api';
import { emptyChart, fakeModule } from './synthesis';

type ConstructClass = abstract new (...args: never[]) => Construct;

const isConstructClass = (value: unknown): value is ConstructClass =>
  typeof value === 'function' && value.prototype instanceof Construct;

/** The constructs that users can create, without Apps, in which they create them. */
const CLASSES = Object.values<unknown>(everything)
  .filter(isConstructClass)
  .filter(({ prototype }) => !(prototype instanceof App));

/** Charts that together contain each of them. */
function apps(): Chart[] {
  return [
    (chart: Chart) => {
      everyExtension(chart);
    },
    (chart: Chart) => {
      everyGatewayApi(chart);
    },
    (chart: Chart) => {
      new ExistingIstio(chart, 'istio', { mutualTls: MutualTls.STRICT });
    },
    installation,
  ].map((fill) => {
    const chart = emptyChart();
    fill(chart);
    return chart;
  });
}

function installation(chart: Chart): void {
  const istio = fakeModule(chart, { ingressGateways: [{ name: 'public' }], networkPolicies: {} });
  new SidecarRestarter(chart, 'restarter', {
    istio,
    image: 'registry.example.com/istio-module:0.1.0',
    mode: RestarterMode.afterSync(),
  });
  const shop = new MeshNamespace(chart, 'shop', {
    name: 'shop',
    egress: { hosts: ['./*'] },
    withoutSidecars: [{ service: 'mainframe', workload: { app: 'mainframe' } }],
  });
  new MeshNamespace(chart, 'legacy', { name: 'legacy', injection: SidecarInjection.DISABLED });
  new StrictPeerAuthentication(chart, 'db', { namespace: shop, workload: { app: 'db' } });
  new PeerAuthentication(chart, 'web', { namespace: shop, workload: { app: 'web' }, mode: MutualTls.PERMISSIVE });
  new PlaintextService(chart, 'plain', { namespace: 'edge', service: 'plain' });
  new Sidecar(chart, 'batch', { namespace: shop, workload: { app: 'batch' }, egress: { hosts: ['~/*'] } });
  new Gateway(chart, 'gateway', {
    namespace: 'edge',
    selector: { istio: 'public' },
    servers: [{ port: 80, protocol: 'HTTP', hosts: ['shop.example.com'] }],
  });
  new ServiceEntry(chart, 'api', {
    namespace: shop,
    hosts: ['api.example.com'],
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    resolution: Resolution.dns(),
  });
  new TrafficPolicy(chart, 'reviews', {
    namespace: shop,
    host: 'reviews',
    subsets: { v1: { version: 'v1' } },
    routes: [{ to: [Destination.subset('v1')] }],
  });
  new SidecarRestartAccess(chart, 'access', {
    subjects: [
      { toSubjectConfiguration: () => ({ kind: 'Group', name: 'ci', apiGroup: 'rbac.authorization.k8s.io' }) },
    ],
    admissionPolicy: true,
  });
}

const constructsBelow = (chart: Chart, kind: ConstructClass): MeshConstruct[] =>
  chart.node.findAll().filter((one): one is MeshConstruct => one.constructor === kind);

const isAbstract = ({ name }: ConstructClass): boolean => ['MeshConstruct', 'IstioInstallation'].includes(name);

describe('the escape hatch', () => {
  test('is what every construct has', () => {
    expect(CLASSES.length).toBeGreaterThan(20);
    const others = CLASSES.filter((one) => one !== MeshConstruct && !(one.prototype instanceof MeshConstruct));
    expect(others.map(({ name }) => name)).toEqual([]);
  });

  test.each(CLASSES.filter((one) => !isAbstract(one)).map((one) => [one.name, one] as const))(
    'of %s takes JSON patches into the manifests',
    (_, kind) => {
      const found = apps().flatMap((chart) => constructsBelow(chart, kind).map((construct) => ({ chart, construct })));
      expect(found).not.toEqual([]);
      const { chart, construct } = found[0] as (typeof found)[number];
      expect(construct.apiObjects.length).toBeGreaterThan(0);
      for (const object of construct.apiObjects) object.addJsonPatch(JsonPatch.add('/patched', object.node.path));
      const patched = parseAllDocuments(App.of(chart).synthYaml())
        .map((document) => document.toJS() as { readonly patched?: string })
        .flatMap((manifest) => manifest.patched ?? []);
      expect(patched.sort()).toEqual(objectsBelow(construct).sort());
    },
  );

  test('has the objects in the order in which they were created', () => {
    const chart = emptyChart();
    installation(chart);
    const [policy] = constructsBelow(chart, TrafficPolicy);
    expect(policy?.apiObjects.map(({ kind }) => kind)).toEqual(['DestinationRule', 'VirtualService']);
    const [shop] = constructsBelow(chart, MeshNamespace).filter(({ node }) => node.id === 'shop');
    expect(shop?.apiObjects.map(({ kind }) => kind)).toEqual([
      'Namespace',
      'DestinationRule',
      'PeerAuthentication',
      'Sidecar',
    ]);
  });
});

/** The paths of the objects below a construct, found child by child. */
function objectsBelow(construct: IConstruct): string[] {
  const own = construct instanceof ApiObject ? [construct.node.path] : [];
  return [...own, ...construct.node.children.flatMap(objectsBelow)];
}
