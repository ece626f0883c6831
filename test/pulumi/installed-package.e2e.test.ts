import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PulumiWorkspace } from '../control-plane/pulumi-workspace';
import { MeshCluster, PROJECT } from '../e2e/mesh-cluster';
import { packPackage } from '../e2e/pack-package';

const run = promisify(execFile);

/** Packages that users install themselves. */
const PEERS = ['@pulumi', 'cdk8s', 'constructs'];

const PROGRAM = `
const { Chart } = require('cdk8s');
const { IstioCharts, IstioModule, MeshNamespace, NamespaceOwnership } = require('istio-module');
const { MeshDeployment } = require('istio-module/pulumi');

const { charts } = JSON.parse(process.env.MESH);
const mesh = new MeshDeployment('mesh', {
  chart: (app) => {
    const chart = new Chart(app, 'mesh');
    new IstioModule(chart, 'istio', { version: '1.31.1', charts: IstioCharts.directory(charts) });
    new MeshNamespace(chart, 'shop', { name: 'shop', ownership: NamespaceOwnership.ADOPT });
    return chart;
  },
});
exports.counts = mesh.restart.counts;
`;

describe('the package, installed from its tarball in a project of its user', () => {
  let project: string;

  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'installed-package-'));
    const modules = join(project, 'node_modules');
    mkdirSync(modules);
    await run('tar', ['-xzf', await packPackage(project), '-C', project]);
    await run('mv', [join(project, 'package'), join(modules, 'istio-module')]);
    const own = new Set(readdirSync(modules));
    // The package's own dependencies and its peers, as npm would install them next to it.
    for (const name of readdirSync(join(PROJECT, 'node_modules')).filter(
      (one) => !own.has(one) && !one.startsWith('.') && !one.startsWith('cdk8s-plus-'),
    )) {
      symlinkSync(join(PROJECT, 'node_modules', name), join(modules, name));
    }
  }, 600_000);

  const commandLine = () => {
    const { bin } = JSON.parse(readFileSync(join(project, 'node_modules', 'istio-module', 'package.json'), 'utf8')) as {
      readonly bin: Readonly<Record<string, string>>;
    };
    return join(project, 'node_modules', 'istio-module', bin['istio-module'] ?? '');
  };

  afterAll(() => {
    rmSync(project, { recursive: true, force: true });
  });

  test('holds the built library, its types and its documents, and nothing else', () => {
    const installed = join(project, 'node_modules', 'istio-module');
    expect(readdirSync(installed).sort()).toEqual([
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bench',
      'dist',
      'docs',
      'package.json',
    ]);
    expect(readdirSync(join(installed, 'bench')).sort()).toEqual(['RESULTS.md', 'plan-cost.svg']);
    expect(readdirSync(join(installed, 'dist'))).toEqual(['lib']);
    expect(readdirSync(join(installed, 'dist', 'lib'))).toEqual(
      expect.arrayContaining(['index.js', 'index.d.ts', 'mesh', 'pulumi', 'engine']),
    );
  });

  test('gives constructs without loading, or needing, Pulumi or a Kubernetes client', async () => {
    for (const name of readdirSync(join(project, 'node_modules')).filter((one) =>
      ['@pulumi', '@kubernetes'].includes(one),
    )) {
      rmSync(join(project, 'node_modules', name));
    }
    const { stdout } = await run('node', ['-e', "console.log(Object.keys(require('istio-module')).join())"], {
      cwd: project,
    });
    expect(stdout).toContain('IstioModule');
    await expect(run('node', ['-e', "require('istio-module/lib/engine')"], { cwd: project })).rejects.toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
    expect((await run('node', [commandLine(), '--version'])).stdout).toBe('0.1.0\n');
    for (const name of ['@pulumi', '@kubernetes']) {
      symlinkSync(join(PROJECT, 'node_modules', name), join(project, 'node_modules', name));
    }
  }, 60_000);

  test('restarts workloads through its dynamic resources', async () => {
    expect(PEERS.every((peer) => readdirSync(join(project, 'node_modules')).includes(peer))).toBe(true);
    const cluster = await MeshCluster.start();
    try {
      writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'infrastructure', main: 'index.js' }));
      writeFileSync(join(project, 'Pulumi.yaml'), 'name: infrastructure\nruntime: nodejs\n');
      writeFileSync(join(project, 'index.js'), PROGRAM);
      const MESH = JSON.stringify({ charts: cluster.controlPlane.programs.istioCharts });
      const workspace = await PulumiWorkspace.create({
        project,
        state: join(cluster.controlPlane.directory, 'pulumi'),
        env: { ...cluster.controlPlane.env(), MESH },
      });
      await workspace.init('dev');
      const installed = await workspace.up();
      expect({ exitCode: installed.exitCode, output: installed.exitCode === 0 ? '' : installed.stdout }).toEqual({
        exitCode: 0,
        output: '',
      });
      expect(await workspace.outputs()).toMatchObject({ counts: { restarted: 5, warned: 3, skipped: 1 } });
      const { 'Deployment/shop/cart': cart } = await cluster.workloads();
      expect(cart?.pods.map(({ image }) => image)).toEqual(Array(3).fill('docker.io/istio/proxyv2:1.31.1-distroless'));
      const plan = await run('node', [commandLine(), 'plan', '-o', 'json'], { env: cluster.controlPlane.env() });
      expect(JSON.parse(plan.stdout)).toMatchObject({ summary: { restart: 0, current: 5, warn: 3, skip: 1 } });
      expect((await workspace.destroy()).exitCode).toBe(0);
      const images = Object.values(await cluster.workloads()).flatMap(({ pods }) =>
        pods.flatMap(({ image }) => image ?? []),
      );
      expect(images).toEqual([]);
    } finally {
      await cluster.stop();
    }
  }, 600_000);
});
