import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../control-plane/kube-client';
import { PulumiWorkspace } from '../control-plane/pulumi-workspace';
import { MeshCluster, PROJECT } from '../e2e/mesh-cluster';
import { packPackage } from '../e2e/pack-package';

const run = promisify(execFile);
const MINUTES = 60_000;
const EXAMPLES = ['aws-cdk', 'existing-cluster', 'gitops', 'online-shop', 'pulumi'];

type Versions = Readonly<Record<string, string>>;

interface Manifest extends KubeObject {
  readonly spec?: unknown;
}

/**
 * The examples in one npm workspace, with the package from its tarball and all other packages in the versions of the
 * project. They run on one cluster.
 */
describe('the examples', () => {
  let home: string;
  let cluster: MeshCluster;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'examples-'));
    const tarball = `file:${await packPackage(home)}`;
    const { devDependencies } = packageOf(PROJECT);
    for (const example of EXAMPLES) {
      cpSync(join(PROJECT, 'examples', example), join(home, example), { recursive: true });
      const { dependencies, ...rest } = packageOf(join(home, example));
      const pinned = (wanted: Versions) =>
        Object.fromEntries(Object.keys(wanted).map((name) => [name, devDependencies[name] ?? tarball]));
      const all = { dependencies: pinned(dependencies), devDependencies: pinned(rest.devDependencies) };
      writeFileSync(join(home, example, 'package.json'), JSON.stringify({ ...rest, ...all }));
    }
    writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, workspaces: EXAMPLES }));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: home });
    cluster = await MeshCluster.start();
    env = { ...cluster.controlPlane.env(), ISTIO_CHARTS: cluster.controlPlane.programs.istioCharts };
  }, 20 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
    rmSync(home, { recursive: true, force: true });
  }, MINUTES);

  /** The objects that an example synthesizes, in the order of the folders and files. */
  async function synthesized(example: string, more: NodeJS.ProcessEnv = {}): Promise<readonly Manifest[]> {
    const cwd = join(home, example);
    const dist = join(cwd, 'dist');
    rmSync(dist, { recursive: true, force: true });
    await run('npm', ['run', 'synth'], { cwd, env: { ...env, ...more } });
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
    return files
      .sort()
      .flatMap((file) => parseAllDocuments(readFileSync(join(dist, file), 'utf8')))
      .map((one) => one.toJS() as Manifest);
  }

  test('are all run here', () => {
    const folders = readdirSync(join(PROJECT, 'examples'), { withFileTypes: true }).filter((one) => one.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(EXAMPLES);
  });

  test.each(EXAMPLES)(
    'have types that agree with the installed package: %s',
    async (example) => {
      await run('npm', ['run', 'check'], { cwd: join(home, example) });
    },
    3 * MINUTES,
  );

  test(
    'pulumi: installs Istio, restarts what gets a sidecar, and has nothing to do a second time',
    async () => {
      const pulumi = await PulumiWorkspace.create({ project: join(home, 'pulumi'), state: join(home, 'state'), env });
      await pulumi.init('dev');
      await pulumi.setConfig('charts', cluster.controlPlane.programs.istioCharts);
      expect(await pulumi.up()).toMatchObject({ exitCode: 0 });
      expect(await pulumi.outputs()).toMatchObject({ counts: { restarted: 5 } });
      const again = await pulumi.up();
      expect({ exitCode: again.exitCode, changed: Object.keys(again.changes) }).toEqual({
        exitCode: 0,
        changed: ['same'],
      });
    },
    10 * MINUTES,
  );

  test(
    'online-shop: is accepted by the API server and istiod, ten services with a canary',
    async () => {
      const objects = await synthesized('online-shop');
      await cluster.applyAll(objects);
      const routes = objects.filter(({ kind }) => kind === 'VirtualService');
      expect(routes).toHaveLength(10);
      expect(routes.find(({ metadata }) => metadata.name === 'recommendations')?.spec).toMatchObject({
        http: [{ route: [{ weight: 95 }, { weight: 5 }] }],
      });
    },
    5 * MINUTES,
  );

  test.each([
    ['1', { shop: 'PERMISSIVE', payments: 'PERMISSIVE' }, 'disabled'],
    ['2', { shop: 'PERMISSIVE', payments: 'PERMISSIVE' }, undefined],
    ['3', { shop: 'PERMISSIVE', payments: 'STRICT' }, undefined],
    ['4', { shop: 'STRICT', payments: 'STRICT' }, undefined],
  ])(
    'existing-cluster: step %s is accepted, with mutual TLS %j',
    async (step, modes, restart) => {
      const objects = await synthesized('existing-cluster', { STEP: step });
      await cluster.applyAll(objects);
      const found = objects.filter(({ kind }) => kind === 'PeerAuthentication');
      expect(
        Object.fromEntries(
          found.map(({ metadata, spec }) => [metadata.namespace, (spec as { mtls: { mode: string } }).mtls.mode]),
        ),
      ).toEqual(modes);
      const namespace = objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'shop');
      expect(namespace?.metadata).toHaveProperty('labels.istio-injection', 'enabled');
      expect((namespace?.metadata as { annotations?: Versions }).annotations?.['istio-module/restart']).toBe(restart);
    },
    3 * MINUTES,
  );

  test(
    'gitops: has an order for each tool, and its objects are accepted',
    async () => {
      const argoCd = await synthesized('gitops', { APPLIER: 'argo-cd' });
      const waves = new Set(argoCd.map(({ metadata }) => metadata.annotations?.['argocd.argoproj.io/sync-wave']));
      expect([...waves].map(Number).sort((one, other) => one - other)).toEqual([-40, -30, -20, -10, 10, 20]);

      const flux = await synthesized('gitops', { APPLIER: 'flux' });
      const kustomizations = flux.filter(({ kind }) => kind === 'Kustomization');
      expect(kustomizations.map(({ metadata }) => metadata.name)).toEqual([
        ...['mesh-0-adopted', 'mesh-1-foundation', 'mesh-2-control-plane', 'mesh-3-webhooks'],
        ...['mesh-5-restart', 'mesh-6-strict'],
      ]);

      const byKubectl = await synthesized('gitops', { APPLIER: 'kubectl' });
      await cluster.applyAll(byKubectl);
      expect(byKubectl.filter(({ kind }) => kind === 'Job')).toHaveLength(1);
    },
    5 * MINUTES,
  );

  test(
    'aws-cdk: makes a template whose policies wait for istiod',
    async () => {
      await run('npm', ['run', 'synth'], { cwd: join(home, 'aws-cdk'), env });
      const template = JSON.parse(readFileSync(join(home, 'aws-cdk', 'cdk.out', 'mesh.template.json'), 'utf8')) as {
        readonly Resources: Readonly<Record<string, { readonly Type: string; readonly DependsOn?: readonly string[] }>>;
      };
      const manifests = Object.values(template.Resources).filter(({ Type }) => Type.endsWith('KubernetesResource'));
      expect(manifests.some(({ DependsOn = [] }) => DependsOn.some((one) => one.includes('istioready')))).toBe(true);
    },
    3 * MINUTES,
  );
});

function packageOf(folder: string): { readonly dependencies: Versions; readonly devDependencies: Versions } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly dependencies: Versions;
    readonly devDependencies: Versions;
  };
}
