import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packPackage } from '../e2e/pack-package';

const run = promisify(execFile);

const MEGABYTE = 1_000_000;
const LIMIT = 10 * MEGABYTE;

/** The package, installed from its tarball by npm into an empty project: what `npx istio-module` installs. */
describe('the package, installed alone', () => {
  let project: string;
  const installed = (...parts: readonly string[]) => join(project, 'node_modules', 'istio-module', ...parts);

  beforeAll(async () => {
    project = realpathSync(mkdtempSync(join(tmpdir(), 'installed-alone-')));
    const tarball = await packPackage(project);
    writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true }');
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: project });
  }, 600_000);

  afterAll(() => {
    rmSync(project, { recursive: true, force: true });
  });

  test('takes 10 MB at most', () => {
    const sizes = packagesIn(join(project, 'node_modules')).map(([name, folder]) => ({ name, size: sizeOf(folder) }));
    const total = sizes.reduce((sum, { size }) => sum + size, 0);
    const parts = sizes.map(({ name, size }) => `${name} ${(size / MEGABYTE).toFixed(2)} MB`);
    process.stdout.write(`installed: ${(total / MEGABYTE).toFixed(2)} MB (${parts.join(', ')})\n`);
    expect(sizes.map(({ name }) => name)).toContain('istio-module');
    expect(total).toBeLessThanOrEqual(LIMIT);
  });

  test('loads each file of the command line, the engine and the bundled libraries', async () => {
    const files = ['bundled-libraries', 'cli', 'engine'].flatMap((part) =>
      filesUnder(installed('dist', 'lib', part)).filter((file) => file.endsWith('.js') && !file.endsWith('/bin.js')),
    );
    expect(files.length).toBeGreaterThan(300);
    const load = `for (const file of ${JSON.stringify(files)}) require(file);`;
    await expect(run('node', ['-e', load], { cwd: project })).resolves.toMatchObject({ stderr: '' });
  });

  test('loads the code of restarts, watches, predictions and inspections only when they are used', async () => {
    const print = `require('istio-module/engine'); process.stdout.write(Object.keys(require.cache).join('\\n'));`;
    const { stdout } = await run('node', ['-e', print], { cwd: project });
    const loaded = stdout.split('\n').map((file) => file.replace(installed('dist', 'lib', 'engine', '/'), ''));
    expect(loaded).toContain('run/plan-cluster.js');
    expect(
      loaded.filter((file) => /run-rounds|roll-out|watch-cluster|predicted-plan|inspect-state/.test(file)),
    ).toEqual([]);
  });

  test('requires only its peers', () => {
    const { peerDependencies } = JSON.parse(readFileSync(installed('package.json'), 'utf8')) as {
      readonly peerDependencies: Readonly<Record<string, string>>;
    };
    const required = filesUnder(installed('dist', 'lib'))
      .filter((file) => file.endsWith('.js') && !file.includes('/bundled-libraries/'))
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\brequire\("((?:@[\w-]+\/)?[\w-]+)[\w/.-]*"\)/g)])
      .map(([, name]) => name);
    expect([...new Set(required)].sort()).toEqual(Object.keys(peerDependencies).sort());
  });

  test('contains the licenses of the libraries that it bundles', () => {
    const licenses = readFileSync(installed('dist', 'lib', 'bundled-libraries', 'LICENSES.txt'), 'utf8');
    const packages = [...licenses.matchAll(/^(\S+) \d+\.\d+\.\d+, .+\n\n\S+\n/gm)].map(([, name]) => name);
    expect(packages).toEqual([
      '@bufbuild/cel',
      '@opentelemetry/api',
      'bintrees',
      'commander',
      'elkjs',
      'prom-client',
      're2js',
      'tdigest',
      'yaml',
    ]);
    expect(licenses).toContain('Eclipse Public License - v 2.0');
  });
});

function packagesIn(modules: string): readonly (readonly [name: string, folder: string])[] {
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(join(modules, name)).map((one) => [`${name}/${one}`, join(modules, name, one)] as const)
        : [[name, join(modules, name)] as const],
    );
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

function sizeOf(folder: string): number {
  return filesUnder(folder).reduce((sum, file) => sum + statSync(file).size, 0);
}
