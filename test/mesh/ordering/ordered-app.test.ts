import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, Chart, Duration, YamlOutputType } from 'cdk8s';
import {
  AuthorizationPolicy,
  Destination,
  InstallationStage,
  MeshNamespace,
  NamespaceOwnership,
  OrderedApp,
  Ordering,
  Requests,
  StrictPeerAuthentication,
  TrafficPolicy,
  type FluxOptions,
  type OrderedAppProps,
} from 'istio-module';
import { parseAllDocuments } from 'yaml';
import { fluxKustomizations } from '../../../lib/mesh/ordering/flux-kustomizations';
import { fakeModule, named, synthesized, title, type Manifest } from '../synthesis';

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'ordered-app-'));
});
afterEach(() => {
  rmSync(outdir, { recursive: true });
});

/** An app with two Charts, the first of which waits for the second one, and a Job that restarts workloads. */
function meshApp(ordering: Ordering): OrderedApp {
  const app = new OrderedApp({ ordering, outdir });
  const shop = new Chart(app, 'shop');
  new MeshNamespace(shop, 'shop', { name: 'shop', ownership: NamespaceOwnership.ADOPT });
  new StrictPeerAuthentication(shop, 'db', { namespace: 'shop', workload: { app: 'db' } });
  new TrafficPolicy(shop, 'cart', { namespace: 'shop', host: 'cart', routes: [{ to: [Destination.host()] }] });
  const mesh = new Chart(app, 'mesh');
  fakeModule(mesh);
  InstallationStage.RESTART.add(job(mesh));
  return app;
}

function job(chart: Chart): ApiObject {
  return new ApiObject(chart, 'restart', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'restart', namespace: 'istio-system' },
  });
}

/** The files of the output directory. */
const files = (): string[] =>
  readdirSync(outdir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.includes('.yaml'))
    .sort();

const manifestsIn = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(outdir, file), 'utf8')).map((document) => document.toJS() as Manifest);

describe('the order of Argo CD', () => {
  test('is an annotation of every object, in the files of cdk8s', () => {
    meshApp(Ordering.argoCd()).synth();
    expect(files()).toEqual(['0000-mesh.k8s.yaml', '0001-shop.k8s.yaml']);
    const waves = files()
      .flatMap(manifestsIn)
      .map(({ metadata }) => metadata.annotations?.['argocd.argoproj.io/sync-wave']);
    expect(waves.length).toBeGreaterThan(15);
    expect(new Set(waves)).toEqual(new Set(['-40', '-30', '-20', '-10', '0', '10', '20']));
  });

  test('is in what synthYaml and a single Chart print, too', () => {
    const app = meshApp(Ordering.argoCd());
    const [shop] = app.charts;
    expect(app.synthYaml().match(/sync-wave: "20"/g)).toHaveLength(2);
    expect(named(synthesized(shop as Chart), 'PeerAuthentication/shop/db').metadata.annotations).toEqual({
      'argocd.argoproj.io/sync-wave': '20',
    });
  });

  test('leaves annotations that are there', () => {
    const chart = new Chart(new OrderedApp({ ordering: Ordering.argoCd(), outdir }), 'mesh');
    const annotations = { 'argocd.argoproj.io/sync-wave': '5', 'argocd.argoproj.io/hook': 'PostSync' };
    const restart = job(chart);
    for (const [name, value] of Object.entries(annotations)) restart.metadata.addAnnotation(name, value);
    InstallationStage.RESTART.add(restart);
    expect(named(synthesized(chart), 'Job/istio-system/restart').metadata.annotations).toEqual({
      ...annotations,
      'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
    });
  });

  test('makes the restart a hook of the sync, and keeps adopted Namespaces', () => {
    const app = meshApp(Ordering.argoCd());
    app.synth();
    const manifests = files().flatMap(manifestsIn);
    expect(named(manifests, 'Job/istio-system/restart').metadata.annotations).toEqual({
      'argocd.argoproj.io/sync-wave': '10',
      'argocd.argoproj.io/hook': 'Sync',
      'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
    });
    expect(named(manifests, 'Namespace/shop').metadata.annotations).toMatchObject({
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
    });
    expect(named(manifests, 'Namespace/istio-system').metadata.annotations).toEqual({
      'argocd.argoproj.io/sync-wave': '-30',
    });
  });
});

describe('the order of kubectl', () => {
  const FILES = [
    '0-adopted/0001-shop.k8s.yaml',
    '1-foundation/0000-mesh.k8s.yaml',
    '2-control-plane/0000-mesh.k8s.yaml',
    '3-webhooks/0000-mesh.k8s.yaml',
    '4-mesh/0001-shop.k8s.yaml',
    '5-restart/0000-mesh.k8s.yaml',
    '6-strict/0000-mesh.k8s.yaml',
    '6-strict/0001-shop.k8s.yaml',
  ];

  test('is a folder for each stage, with the objects of the app and no others', () => {
    const app = meshApp(Ordering.kubectl());
    app.synth();
    expect(files()).toEqual(FILES);
    const written = files().flatMap(manifestsIn);
    const expected = app.charts.flatMap((chart) => synthesized(chart));
    expect(written.map(title).sort()).toEqual(expected.map(title).sort());
    for (const manifest of expected) expect(named(written, title(manifest))).toEqual(manifest);
    expect(JSON.stringify(written)).not.toContain('argocd');
  });

  test('keeps the order of cdk8s within a stage', () => {
    meshApp(Ordering.kubectl()).synth();
    const titles = manifestsIn('2-control-plane/0000-mesh.k8s.yaml').map(title);
    const istiod = titles.indexOf('Deployment/istio-system/istiod');
    expect(titles.indexOf('ServiceAccount/istio-system/istiod')).toBeLessThan(istiod);
    expect(titles.indexOf('DaemonSet/istio-system/istio-cni-node')).toBeGreaterThan(istiod);
  });

  test('has the objects of Charts in Charts once', () => {
    const app = new OrderedApp({ ordering: Ordering.kubectl(), outdir });
    const outer = new Chart(app, 'outer');
    new MeshNamespace(outer, 'shop', { name: 'shop' });
    new MeshNamespace(new Chart(outer, 'inner'), 'edge', { name: 'edge' });
    app.synth();
    expect(files()).toEqual([expect.stringContaining('0000-outer-inner'), '1-foundation/0001-outer.k8s.yaml']);
    expect(files().flatMap(manifestsIn).map(title)).toEqual(['Namespace/edge', 'Namespace/shop']);
  });

  test('has no numbers in the names of the files of a single Chart', () => {
    const app = new OrderedApp({ ordering: Ordering.kubectl(), outdir, outputFileExtension: '.yaml' });
    fakeModule(new Chart(app, 'mesh'), { mutualTls: false });
    app.synth();
    expect(files()).toEqual(['1-foundation/mesh.yaml', '2-control-plane/mesh.yaml', '3-webhooks/mesh.yaml']);
  });

  test('removes the files of the last synthesis, and keeps those of others', () => {
    meshApp(Ordering.flux({ path: './dist' })).synth();
    writeFileSync(join(outdir, '5-restart', 'notes.yaml.txt'), '');
    const app = new OrderedApp({ ordering: Ordering.kubectl(), outdir });
    fakeModule(new Chart(app, 'mesh'));
    app.synth();
    expect(files()).toEqual([
      '1-foundation/mesh.k8s.yaml',
      '2-control-plane/mesh.k8s.yaml',
      '3-webhooks/mesh.k8s.yaml',
      '5-restart/notes.yaml.txt',
      '6-strict/mesh.k8s.yaml',
    ]);
  });

  test('has policies that decide by the identities of clients in the last folder', () => {
    const app = new OrderedApp({ ordering: Ordering.kubectl(), outdir });
    const policies = new Chart(app, 'policies');
    new AuthorizationPolicy(policies, 'nothing', { rules: Requests.NONE });
    new AuthorizationPolicy(policies, 'cart', {
      namespace: 'shop',
      rules: [{ from: [{ serviceAccounts: ['shop/web'] }] }],
    });
    new AuthorizationPolicy(policies, 'other', { namespace: 'other', rules: Requests.NONE });
    fakeModule(new Chart(app, 'mesh'), { mutualTls: false });
    app.synth();
    expect(manifestsIn('6-strict/0001-policies.k8s.yaml').map(title).sort()).toEqual([
      'AuthorizationPolicy/istio-system/nothing',
      'AuthorizationPolicy/shop/cart',
    ]);
    expect(manifestsIn('4-mesh/0001-policies.k8s.yaml').map(title)).toEqual(['AuthorizationPolicy/other/other']);
  });

  test('writes nothing for an app that is not valid', () => {
    const app = meshApp(Ordering.kubectl());
    const shop = app.node.findChild('shop');
    new StrictPeerAuthentication(shop, 'again', { namespace: 'shop', workload: { app: 'db' }, name: 'db' });
    expect(() => {
      app.synth();
    }).toThrow(/PeerAuthentication shop\/db/);
    expect(files()).toEqual([]);
  });
});

interface Kustomization extends Manifest {
  readonly spec: Record<string, unknown>;
}

const kustomizations = (options: FluxOptions): Kustomization[] => {
  meshApp(Ordering.flux(options)).synth();
  return manifestsIn('flux/kustomizations.k8s.yaml') as Kustomization[];
};

describe('the order of Flux', () => {
  test('is a Kustomization for each folder, each of which waits for the one before', () => {
    const written = kustomizations({ path: './dist' });
    const names = ['0-adopted', '1-foundation', '2-control-plane', '3-webhooks', '4-mesh', '5-restart', '6-strict'];
    expect(written.map(({ metadata }) => metadata)).toEqual(
      names.map((name) => ({ name: `mesh-${name}`, namespace: 'flux-system' })),
    );
    expect(written.map(({ spec: { dependsOn } }) => dependsOn)).toEqual(
      names.map((_, index) => (index === 0 ? undefined : [{ name: `mesh-${names[index - 1] ?? ''}` }])),
    );
    expect(written.map(({ spec: { path } }) => path)).toEqual(names.map((name) => `./dist/${name}`));
    expect(written.map(({ spec: { wait } }) => wait)).toEqual(names.map(() => true));
    // The adopted Namespaces are not pruned, because others created them.
    expect(written.map(({ spec: { prune } }) => prune)).toEqual(names.map((name) => name !== '0-adopted'));
    expect(written[4]?.spec).toEqual({
      dependsOn: [{ name: 'mesh-3-webhooks' }],
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      path: './dist/4-mesh',
      interval: '600s',
      retryInterval: '1m',
      timeout: '600s',
      prune: true,
      wait: true,
    });
    expect(written[5]?.spec).toMatchObject({ timeout: '3600s', force: true });
  });

  test('depends on the last stage that has objects', () => {
    const app = new OrderedApp({ ordering: Ordering.flux({ path: './dist' }), outdir });
    fakeModule(new Chart(app, 'mesh'));
    app.synth();
    const written = manifestsIn('flux/kustomizations.k8s.yaml') as Kustomization[];
    expect(written.at(-1)?.spec).toMatchObject({ path: './dist/6-strict', dependsOn: [{ name: 'mesh-3-webhooks' }] });
  });

  test.each(['dist', './dist', './dist/'])('finds %s in the source', (relative) => {
    const [first] = fluxKustomizations([InstallationStage.MESH], relative, {});
    expect(first).toMatchObject({ spec: { path: './dist/4-mesh' } });
  });

  test('takes options', () => {
    const written = kustomizations({
      source: { kind: 'OCIRepository', name: 'manifests', namespace: 'sources' },
      path: './mesh/dist/',
      name: 'istio',
      namespace: 'platform',
      interval: Duration.hours(1),
      timeout: Duration.minutes(5),
    });
    expect(written[5]).toMatchObject({
      metadata: { name: 'istio-5-restart', namespace: 'platform' },
      spec: {
        sourceRef: { kind: 'OCIRepository', name: 'manifests', namespace: 'sources' },
        path: './mesh/dist/5-restart',
        interval: '3600s',
        timeout: '300s',
      },
    });
  });
});

describe('OrderedApp refuses', () => {
  const refusal = (props: Partial<OrderedAppProps>): (() => OrderedApp) => {
    return () => new OrderedApp(props as OrderedAppProps);
  };

  test.each<[string, Partial<OrderedAppProps>, string]>([
    ['no ordering', {}, 'ordering is missing: write Ordering.argoCd(), Ordering.flux() or Ordering.kubectl()'],
    [
      'another division into files',
      { ordering: Ordering.kubectl(), yamlOutputType: YamlOutputType.FILE_PER_APP },
      'yamlOutputType FILE_PER_APP conflicts with Ordering.kubectl(), which writes a folder for each stage: leave it out',
    ],
    [
      'a path outside of the source',
      { ordering: Ordering.flux({ path: '../dist' }) },
      "path '../dist' is not within the source: write a path such as './mesh/dist'",
    ],
    [
      'a directory that is not in the source',
      { ordering: Ordering.flux(), outdir: '/tmp/dist' },
      "outdir '/tmp/dist' does not determine the path of the manifests in the source: set the option path of Ordering.flux",
    ],
  ])('%s', (_, props, message) => {
    expect(refusal(props)).toThrow(new Error(`OrderedApp: ${message}`));
  });

  test('invalid names', () => {
    const source = { kind: 'Bucket', name: 'My Bucket' } as const;
    expect(refusal({ ordering: Ordering.flux({ name: 'Mesh', namespace: 'a.b', source, path: 'dist' }) })).toThrow(
      /'Mesh'.*\n.*'a\.b'.*\n.*'My Bucket'/,
    );
  });
});
