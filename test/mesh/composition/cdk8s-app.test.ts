import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, YamlOutputType, type AppProps } from 'cdk8s';
import {
  ExistingIstio,
  Match,
  MeshNamespace,
  MutualTls,
  Routes,
  StrictPeerAuthentication,
  TrafficPolicy,
} from 'istio-module';
import { parseAllDocuments } from 'yaml';
import { fakeModule, title, type Manifest } from '../synthesis';
import { MeshService } from './mesh-service';

describe('in a cdk8s app', () => {
  let outdir: string;

  beforeEach(() => {
    outdir = mkdtempSync(join(tmpdir(), 'istio-module-cdk8s-app-'));
  });

  afterEach(() => {
    rmSync(outdir, { recursive: true });
  });

  /**
   * The titles of the objects that synthesis writes, by file, in the order in which kubectl applies the files of a
   * folder.
   */
  function written(build: (app: App) => void, props: AppProps = {}): Record<string, string[]> {
    const app = new App({ outdir, ...props });
    build(app);
    app.synth();
    const files = readdirSync(outdir).sort();
    return Object.fromEntries(
      files.map((file) => [
        file,
        parseAllDocuments(readFileSync(join(outdir, file), 'utf8')).map((document) =>
          title(document.toJS() as Manifest),
        ),
      ]),
    );
  }

  /** Creates charts in the wrong order, each of which refers to others. */
  function severalCharts(app: App): void {
    const [services, namespaces, istio] = ['services', 'namespaces', 'istio'].map((id) => new Chart(app, id));
    if (!services || !namespaces || !istio) return;
    const shop = new MeshNamespace(namespaces, 'shop', { name: 'shop' });
    new MeshService(services, 'reviews', shop);
    new StrictPeerAuthentication(services, 'strict', { namespace: shop });
    fakeModule(istio);
  }

  test('several charts are files in the order in which they are applied', () => {
    const files = written(severalCharts);
    expect(Object.keys(files)).toEqual(['0000-namespaces.k8s.yaml', '0001-istio.k8s.yaml', '0002-services.k8s.yaml']);
    expect(files['0001-istio.k8s.yaml']).toContain('Deployment/istio-system/istiod');
    expect(files['0000-namespaces.k8s.yaml']).toEqual(['Namespace/shop']);
    expect(files['0002-services.k8s.yaml']).toEqual([
      'Deployment/shop/reviews',
      'Service/shop/reviews',
      'DestinationRule/shop/reviews',
      'VirtualService/shop/reviews',
      'PeerAuthentication/shop/default',
    ]);
  });

  test('one file of all charts has the same order', () => {
    const byChart = Object.values(written(severalCharts)).flat();
    rmSync(outdir, { recursive: true });
    expect(written(severalCharts, { yamlOutputType: YamlOutputType.FILE_PER_APP })).toEqual({
      'app.k8s.yaml': byChart,
    });
  });

  test('constructs of the package can be created inside of other constructs, and refer to their objects', () => {
    const files = written((app) => {
      const chart = new Chart(app, 'mesh');
      const shop = new MeshNamespace(chart, 'shop', { name: 'shop' });
      const { service } = new MeshService(chart, 'reviews', shop);
      const front = new MeshNamespace(chart, 'front', { name: 'front' });
      new TrafficPolicy(chart, 'to-reviews', {
        namespace: front,
        host: service,
        hosts: ['reviews.example.com'],
        subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
        routes: Routes.blueGreen({ live: 'v1', idle: 'v2', preview: Match.header('x-preview').exact('yes') }),
      });
      fakeModule(chart);
    });
    const titles = files['mesh.k8s.yaml'] ?? [];
    const at = (wanted: string) => {
      expect(titles).toContain(wanted);
      return titles.indexOf(wanted);
    };
    for (const one of ['Deployment/shop/reviews', 'VirtualService/shop/reviews', 'VirtualService/front/to-reviews']) {
      expect(at(one)).toBeGreaterThan(at('DaemonSet/istio-system/istio-cni-node'));
      expect(at(one)).toBeGreaterThan(at(`Namespace/${one.split('/')[1] ?? ''}`));
    }
  });

  test('a chart with the module may be inside of the chart with the policies', () => {
    const files = written((app) => {
      const outer = new Chart(app, 'outer');
      new StrictPeerAuthentication(outer, 'strict', { namespace: new MeshNamespace(outer, 'shop', { name: 'shop' }) });
      fakeModule(new Chart(outer, 'inner'));
    });
    expect(Object.keys(files)).toEqual([expect.stringMatching(/^0000-outer-inner-/), '0001-outer.k8s.yaml']);
  });

  test('a chart with policies inside of the chart with the module is refused, for it would be applied first', () => {
    const app = new App({ outdir });
    const outer = new Chart(app, 'outer');
    fakeModule(outer);
    const inner = new Chart(outer, 'inner');
    new StrictPeerAuthentication(inner, 'strict', { namespace: 'shop' });
    expect(() => {
      app.synth();
    }).toThrow(
      "ApiObject outer/inner/strict/Default: waits for IstioModule outer/istio, but Chart 'outer/inner' is inside Chart 'outer' and is therefore applied first: make them siblings",
    );
  });

  test('a chart with policies may be inside of the chart with an ExistingIstio, which nothing waits for', () => {
    const files = written((app) => {
      const outer = new Chart(app, 'outer');
      new ExistingIstio(outer, 'istio', { mutualTls: MutualTls.STRICT });
      new StrictPeerAuthentication(new Chart(outer, 'inner'), 'strict', { namespace: 'shop' });
    });
    expect(Object.values(files)).toEqual([
      ['PeerAuthentication/shop/default'],
      ['PeerAuthentication/istio-system/default'],
    ]);
  });

  test('a chart with policies alone needs no module in the app', () => {
    const files = written((app) => {
      const chart = new Chart(app, 'policies', { namespace: 'shop', labels: { team: 'shop' } });
      new StrictPeerAuthentication(chart, 'strict', { namespace: 'shop' });
    });
    expect(files).toEqual({ 'policies.k8s.yaml': ['PeerAuthentication/shop/default'] });
  });
});
