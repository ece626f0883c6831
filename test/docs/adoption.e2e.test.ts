import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { ObjectReference } from '../control-plane/kube-client';
import { PulumiWorkspace } from '../control-plane/pulumi-workspace';
import { MeshCluster } from '../e2e/mesh-cluster';
import { reconfigure } from '../e2e/reconfigure';
import { packPackage } from '../e2e/pack-package';
import { packageCharts } from '../mesh/installation/package-charts';
import { startChartServer, type ChartServer } from '../mesh/installation/chart-server';
import { codeBlocks, type CodeBlock } from './code-blocks';
import { PROJECT, read } from './documents';
import { withoutFences } from './without-fences';

const run = promisify(execFile);
const MINUTES = 60_000;
const OFFICIAL = 'https://blob.istio.io/istio-release/charts';

/** The blocks of a section of the README, in their order. */
function blocksUnder(heading: string): readonly CodeBlock[] {
  const lines = withoutFences(read('README.md')).split('\n');
  const first = lines.indexOf(heading) + 1;
  const next = lines.findIndex((line, index) => index >= first && /^#{1,3} /.test(line));
  const blocks = codeBlocks(PROJECT, 'README.md').filter(({ line }) => line > first && line <= next);
  if (first === 0 || blocks.length === 0) {
    throw new Error(`README.md has no code under ${heading}`);
  }
  return blocks;
}

/** A reader who starts in an empty folder and follows the blocks: runs commands, and saves files. */
class Reader {
  private folder: string;
  private readonly trace: string;

  constructor(
    home: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.folder = mkdtempSync(join(home, 'reader-'));
    this.trace = join(this.folder, '.folder');
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  /** Follows a block, and returns what it prints. */
  async follow({ language, text }: CodeBlock): Promise<string> {
    if (language !== 'sh') {
      const [, file = ''] = /^(?:\/\/|#) (\S+)\n/.exec(text) ?? [];
      expect(file).toMatch(/\.(ts|yaml)$/);
      writeFileSync(this.path(file), text);
      return '';
    }
    const { stdout } = await run('bash', ['-euc', `${text}\npwd > '${this.trace}'`], {
      cwd: this.folder,
      env: this.env,
      maxBuffer: 1 << 26,
    });
    this.folder = readFileSync(this.trace, 'utf8').trim();
    return stdout;
  }
}

/**
 * Each way to adopt the package, as the README has it, on one cluster after the other. Two programs are stand-ins:
 * `npm` installs the package from its tarball and all else in the versions that the project has, and `helm` finds
 * Istio's Helm repository on loopback.
 */
describe('the README, followed in an empty folder', () => {
  let home: string;
  let cluster: MeshCluster;
  let charts: ChartServer;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'adoption-'));
    const bin = join(home, 'bin');
    mkdirSync(bin);
    cluster = await MeshCluster.start();
    const { helm, istioCharts } = cluster.controlPlane.programs;
    const helmHome = Object.fromEntries(
      ['CACHE', 'CONFIG', 'DATA'].map((kind) => [`HELM_${kind}_HOME`, join(home, kind)]),
    );
    const packages = await packageCharts(home, { helm, charts: istioCharts, env: { ...process.env, ...helmHome } });
    charts = await startChartServer(home, packages);
    const addresses = { [OFFICIAL]: `http://${charts.address}` };
    standIn(join(bin, 'helm'), { program: helm, words: addresses });
    standIn(join(bin, 'npm'), { program: await which('npm'), words: await packageNames(home) });
    const state = join(home, 'pulumi');
    const onCluster = cluster.controlPlane.env();
    const pulumi = await PulumiWorkspace.create({ project: home, state, env: onCluster });
    env = { ...pulumi.env, ...helmHome, PATH: [bin, onCluster.PATH ?? ''].join(delimiter) };
    env.npm_config_prefer_offline = 'true';
    // Pulumi checks the types of the program, as it does for readers.
    delete env.PULUMI_NODEJS_TRANSPILE_ONLY;
  }, 20 * MINUTES);

  afterAll(async () => {
    await charts.stop();
    await cluster.stop();
    rmSync(home, { recursive: true, force: true });
  }, MINUTES);

  /** The images of the proxies of cart. */
  async function proxiesOfCart(): Promise<readonly (string | undefined)[]> {
    const { 'Deployment/shop/cart': cart } = await cluster.workloads();
    return (cart?.pods ?? []).map(({ image }) => image);
  }

  const CURRENT = Array<string>(3).fill('docker.io/istio/proxyv2:1.31.1-distroless');

  test(
    'installs Istio with Pulumi and restarts what gets a sidecar',
    async () => {
      const reader = new Reader(home, env);
      for (const block of blocksUnder('### With Pulumi')) {
        await reader.follow(block);
      }
      expect(await proxiesOfCart()).toEqual(CURRENT);
      await run('pulumi', ['destroy', '--yes', '--skip-preview'], { cwd: reader.path(), env });
      expect(await proxiesOfCart()).toEqual([undefined, undefined, undefined]);
    },
    10 * MINUTES,
  );

  test(
    'synthesizes manifests, and restarts after they are applied',
    async () => {
      const reader = new Reader(home, env);
      const blocks = blocksUnder('### With GitOps');
      for (const block of blocks.slice(0, -1)) {
        await reader.follow(block);
      }
      const files = readdirSync(reader.path('dist')).sort();
      const objects = files.flatMap((file) =>
        parseAllDocuments(readFileSync(reader.path('dist', file), 'utf8')).map(
          (document) => document.toJS() as ObjectReference,
        ),
      );
      await cluster.applyAll(objects);
      expect(await proxiesOfCart()).toEqual([undefined, undefined, undefined]);
      await reader.follow(blocks.at(-1) as CodeBlock);
      expect(await proxiesOfCart()).toEqual(CURRENT);
    },
    10 * MINUTES,
  );

  test(
    'checks, plans and restarts beside an existing installation',
    async () => {
      await reconfigure(cluster, { proxyResources: { requests: { cpu: '70m' } } });
      const reader = new Reader(home, env);
      const printed = await Promise.all(
        blocksUnder('### Beside an existing installation').map((one) => reader.follow(one)),
      );
      expect(printed.join('')).toMatch(/shop +deployment\/cart +restart/);
      const { stdout } = await run('npx', ['istio-module', 'plan', '-o', 'json'], { cwd: reader.path(), env });
      const { summary } = JSON.parse(stdout) as { readonly summary: Readonly<Record<string, number>> };
      expect(summary).toMatchObject({ restart: 0, wait: 0 });
      expect(summary.current).toBeGreaterThan(0);
    },
    10 * MINUTES,
  );
});

/** A program that calls another one with some of its arguments replaced. */
function standIn(file: string, { program, words }: { readonly program: string; readonly words: object }): void {
  const source = `#!/usr/bin/env node
const words = ${JSON.stringify(words)};
const args = process.argv.slice(2).map((word) => words[word] ?? word);
const { status } = require('node:child_process').spawnSync(${JSON.stringify(program)}, args, { stdio: 'inherit' });
process.exitCode = status ?? 1;
`;
  writeFileSync(file, source, { mode: 0o755 });
}

async function which(program: string): Promise<string> {
  return (await run('sh', ['-c', `command -v ${program}`])).stdout.trim();
}

/** What npm is to install for the name of a package: this package from its tarball, others in the project's version. */
async function packageNames(folder: string): Promise<Readonly<Record<string, string>>> {
  const { devDependencies } = JSON.parse(read('package.json')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  return {
    ...Object.fromEntries(Object.entries(devDependencies).map(([name, version]) => [name, `${name}@${version}`])),
    'istio-module': await packPackage(folder),
  };
}
