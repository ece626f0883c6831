import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { TrafficGraph } from '../../lib/cli/graph/graph-model';
import { renderMermaid } from '../../lib/cli/graph/render-mermaid';
import { trafficGraph } from '../../lib/cli/graph/traffic-graph';
import { MeshCluster, PROJECT } from '../e2e/mesh-cluster';
import { elementsOf, textOf } from './graph/markup';
import { sampleMesh } from './graph/sample-mesh';

const MINUTES = 60_000;
const BIN = join(PROJECT, 'dist', 'lib', 'cli', 'bin.js');

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const lines = (...all: readonly string[]) => all.map((line) => `${line}\n`).join('');
const OBJECTS = sampleMesh();
const MERMAID = lines(...renderMermaid(trafficGraph(OBJECTS)));

describe('istio-module graph', () => {
  let directory: string;

  /** Runs the command as a process of its own, without a cluster unless it is given one. */
  function graph(args: readonly string[], { stdin = '', kubeconfig = join(directory, 'none') } = {}): Promise<Outcome> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [BIN, 'graph', ...args],
        { cwd: directory, env: { ...process.env, KUBECONFIG: kubeconfig }, maxBuffer: 1e8 },
        (error, stdout, stderr) => {
          resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
        },
      );
      child.stdin?.end(stdin);
    });
  }

  function write(path: string, ...objects: readonly object[]): void {
    writeFileSync(join(directory, path), objects.map((object) => stringify(object)).join('---\n'));
  }

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'graph-'));
    write('mesh.yaml', ...OBJECTS);
    mkdirSync(join(directory, 'dist'));
    for (const [index, object] of OBJECTS.entries()) write(join('dist', `${String(index)}.yaml`), object);
    write(join('dist', 'values.yaml'), { replicas: 3 });
    write('others.yaml', ...OBJECTS.filter(({ kind }) => kind === 'Namespace'));
    writeFileSync(join(directory, 'broken.yaml'), 'apiVersion: v1\nkind: [\n');
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  describe('of manifests', () => {
    test('draws a file', async () => {
      expect(await graph(['mesh.yaml'])).toEqual({ code: 0, stdout: MERMAID, stderr: '' });
    });

    test('draws a directory', async () => {
      expect(await graph(['dist'])).toEqual({ code: 0, stdout: MERMAID, stderr: '' });
    });

    test('draws the standard input together with a file', async () => {
      const [first, ...others] = OBJECTS;
      write('first.yaml', first ?? {});
      const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: others });
      expect(await graph(['first.yaml', '-'], { stdin })).toEqual({ code: 0, stdout: MERMAID, stderr: '' });
    });

    test('is printed as a block of Markdown with -o markdown', async () => {
      expect((await graph(['mesh.yaml', '-o', 'markdown'])).stdout).toBe(`\`\`\`mermaid\n${MERMAID}\`\`\`\n`);
    });

    test('is printed as JSON with -o json', async () => {
      const { stdout } = await graph(['mesh.yaml', '-o', 'json']);
      expect(JSON.parse(stdout)).toEqual(trafficGraph(OBJECTS));
    });

    test('shows one namespace with -n', async () => {
      const { stdout } = await graph(['mesh.yaml', '-o', 'json', '-n', 'checkout']);
      expect((JSON.parse(stdout) as TrafficGraph).namespaces.map(({ name }) => name)).toEqual(['checkout']);
    });

    test('puts objects without a namespace into the one of -n', async () => {
      const { stdout } = await graph(['-', '-o', 'json', '-n', 'cart'], {
        stdin: stringify({
          apiVersion: 'networking.istio.io/v1',
          kind: 'VirtualService',
          metadata: { name: 'web' },
          spec: { hosts: ['web'] },
        }),
      });
      expect((JSON.parse(stdout) as TrafficGraph).nodes.map(({ id }) => id)).toEqual(['host:cart/web', 'mesh']);
    });

    test('is written as an HTML page with --html', async () => {
      expect(await graph(['dist', '--html', 'mesh.html'])).toEqual({
        code: 0,
        stdout: '',
        stderr: 'Wrote mesh.html.\n',
      });
      const [doctype, ...page] = readFileSync(join(directory, 'mesh.html'), 'utf8').split('\n');
      const elements = elementsOf(page.join('\n'));
      expect(doctype).toBe('<!doctype html>');
      expect(textOf(elements, 'p')).toBe('dist');
      const drawn = elements.filter(({ attributes }) => attributes.class?.startsWith('node ') && attributes['data-id']);
      expect([...new Set(drawn.map(({ attributes }) => attributes['data-id']))].sort()).toEqual(
        trafficGraph(OBJECTS).nodes.map(({ id }) => id),
      );
      expect(elements.filter(({ name }) => name === 'tr')).toHaveLength(11);
    });
  });

  test.each([
    [
      ['others.yaml'],
      'error: no VirtualService, DestinationRule, Gateway or ServiceEntry in others.yaml (only 3 other objects); pass files that contain one, or select a cluster and namespaces that do.',
    ],
    [
      ['-'],
      'error: no VirtualService, DestinationRule, Gateway or ServiceEntry in stdin; pass files that contain one, or select a cluster and namespaces that do.',
    ],
    [['absent.yaml'], 'error: absent.yaml cannot be read: no such file or directory; check the path.'],
    [
      ['broken.yaml'],
      'error: broken.yaml, document 1, line 3: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; fix it, or leave the file out.',
    ],
    [
      ['mesh.yaml', '--html', 'absent/mesh.html'],
      'error: absent/mesh.html cannot be written: its directory does not exist; pass another file with --html.',
    ],
    [['mesh.yaml', '--html', '.'], 'error: . cannot be written: it is a directory; pass another file with --html.'],
    [
      ['mesh.yaml', '-o', 'pdf'],
      "error: option '-o, --output <format>' argument 'pdf' is invalid. Allowed choices are mermaid, markdown, json.",
    ],
  ])('fails with one sentence for %j', async (args, message) => {
    expect(await graph(args)).toEqual({ code: 1, stdout: '', stderr: `${message}\n` });
  });

  describe('of a cluster', () => {
    let cluster: MeshCluster;
    let kubeconfig: string;
    let context: string;

    beforeAll(async () => {
      cluster = await MeshCluster.start();
      kubeconfig = cluster.controlPlane.kubeconfig;
      context = (JSON.parse(readFileSync(kubeconfig, 'utf8')) as { 'current-context': string })['current-context'];
    }, 10 * MINUTES);

    afterAll(async () => {
      await cluster.stop();
    }, MINUTES);

    test(
      'fails with one sentence where the cluster does not have Istio',
      async () => {
        expect(await graph([], { kubeconfig })).toMatchObject({
          code: 1,
          stdout: '',
          stderr: expect.stringMatching(
            `^error: no VirtualService, DestinationRule, Gateway or ServiceEntry in the cluster of context "${context}" \\(only \\d+ other objects\\); pass files that contain one, or select a cluster and namespaces that do\\.\n$`,
          ) as string,
        });
      },
      MINUTES,
    );

    test(
      'shows the namespaces of the mesh, and what is missing there',
      async () => {
        await cluster.apply(cluster.chart());
        const orphan = { selector: { app: 'orphan' }, ports: [{ port: 80 }] };
        const service = {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'orphan', namespace: 'shop' },
          spec: orphan,
        };
        await cluster.applyOne(service);
        const route = {
          apiVersion: 'networking.istio.io/v1',
          kind: 'VirtualService',
          metadata: { name: 'web', namespace: 'shop' },
          spec: {
            hosts: ['web'],
            gateways: ['public'],
            http: [{ route: ['orphan', 'absent'].map((host) => ({ destination: { host }, weight: 50 })) }],
          },
        };
        await cluster.applyOne(route);
        const { code, stdout, stderr } = await graph(['-o', 'json', '-n', 'shop', '--kubeconfig', kubeconfig]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        const drawn = JSON.parse(stdout) as TrafficGraph;
        expect(drawn.namespaces).toEqual([{ name: 'shop', details: ['sidecars', 'mTLS STRICT'] }]);
        expect(drawn.nodes.map(({ id, problem = '' }) => `${id}: ${problem}`)).toEqual([
          'gateway:shop/public: this Gateway does not exist',
          'host:shop/reviews: ',
          'host:shop/web: ',
          'mesh: ',
          'service:absent.shop.svc.cluster.local: no Service absent in namespace shop',
          'service:orphan.shop.svc.cluster.local: no workload has app=orphan',
          'subset:reviews.shop.svc.cluster.local/v1: ',
          'subset:reviews.shop.svc.cluster.local/v2: ',
        ]);
        const all = await graph(['-o', 'json', '-A'], { kubeconfig });
        expect((JSON.parse(all.stdout) as TrafficGraph).namespaces).toEqual([
          { name: 'shop', details: ['sidecars', 'mTLS STRICT'] },
        ]);
      },
      2 * MINUTES,
    );

    test(
      'names the missing permission where the cluster refuses a request',
      async () => {
        await cluster.client.apply({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'nobody', namespace: 'default' },
        });
        const { code, stdout, stderr } = await graph([], {
          kubeconfig: await cluster.controlPlane.kubeconfigOf('default', 'nobody'),
        });
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(
          /^error: The cluster refuses GET \/apis\/networking\.istio\.io\/v1\/virtualservices: .* cannot list resource "virtualservices" .*; grant the verb list on virtualservices\.networking\.istio\.io, and the other permissions that docs\/command-line\.md lists for a graph\.\n$/,
        );
      },
      MINUTES,
    );
  });
});
