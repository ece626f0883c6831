import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deployment } from '../engine/cluster-builder';
import type { FakeCluster } from '../engine/fake-cluster';
import { startMesh } from '../engine/fake-mesh';
import { bundle } from './bundle';

const MEGABYTE = 1_000_000;
const MANIFEST = join(__dirname, '..', '..', 'package.json');

/** The test uses a fake API server; the test of the restarter runs the bundle in a cluster. */
describe('the command line as one file', () => {
  let folder: string;
  let alone: string;
  let cluster: FakeCluster;

  beforeAll(async () => {
    // No other file of the package is in the folder.
    folder = mkdtempSync(join(tmpdir(), 'bundle-'));
    alone = join(folder, 'istio-module.cjs');
    await bundle(alone);
    cluster = await startMesh(deployment('cart'), {});
  }, 600_000);

  afterAll(async () => {
    await cluster.close();
    rmSync(folder, { recursive: true });
  });

  const run = async (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [alone, ...args], { cwd: folder });
  const inCluster = (...args: readonly string[]) =>
    run(...args, '--kubeconfig', cluster.server.kubeconfig, '--injector-settle', '0');

  test('has at most 3 MB', () => {
    const { size } = statSync(alone);
    process.stdout.write(`the bundle has ${(size / MEGABYTE).toFixed(2)} MB\n`);
    expect(size).toBeLessThanOrEqual(3 * MEGABYTE);
  });

  test('shows help and its version', async () => {
    expect((await run('--help')).stdout).toContain('Usage: istio-module');
    expect((await run('restart', '--help')).stdout).toContain('--log-format');
    const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { readonly version: string };
    expect((await run('--version')).stdout).toBe(`${version}\n`);
  });

  test('plans and restarts', async () => {
    expect((await inCluster('plan')).stdout).toMatch(/^shop +deployment\/cart +restart /m);
    expect((await inCluster('plan', '-o', 'yaml')).stdout).toMatch(/^ {4}name: cart$/m);
    const { stderr } = await inCluster('restart', '--yes', '--log-format', 'json');
    const [last = ''] = stderr.trim().split('\n').slice(-1);
    expect(JSON.parse(last)).toMatchObject({ event: 'finished', counts: { restarted: 1 } });
  }, 60_000);

  test('draws a graph', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'cart', namespace: 'shop' }, spec: {} };
    const virtualService = {
      ...{ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' },
      ...{
        metadata: service.metadata,
        spec: { hosts: ['cart'], http: [{ route: [{ destination: { host: 'cart' } }] }] },
      },
    };
    const file = join(folder, 'objects.yaml');
    writeFileSync(file, [service, virtualService].map((one) => JSON.stringify(one)).join('\n---\n'));
    expect((await run('graph', file)).stdout).toContain('flowchart');
    const page = join(folder, 'mesh.html');
    await run('graph', file, '--html', page);
    expect(readFileSync(page, 'utf8')).toContain('data-id="host:shop/cart"');
  });
});
