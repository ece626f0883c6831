import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { main } from '../../../lib/cli/main';
import { Terminal } from '../../../lib/cli/terminal';
import type { TrafficGraph } from '../../../lib/cli/graph/graph-model';
import { istiodService, type ClusterObject } from '../../engine/cluster-builder';
import { refusal } from '../../engine/fake-api-server';
import { FakeCluster, type FakeClusterOptions } from '../../engine/fake-cluster';
import { WEBHOOK } from '../../engine/fake-mesh';
import { RecordedProcess } from '../recorded-process';

/** Only a page needs the layout, which is large. */
jest.mock('../../../lib/bundled-libraries/elk', () => {
  throw new Error('the layout is loaded');
});

const object = (apiVersion: string, kind: string, namespace: string, name: string, fields: object): ClusterObject => ({
  ...{ apiVersion, kind, metadata: { name, namespace, uid: `uid-${name}` } },
  ...fields,
});
const authentication = (namespace: string, mode: string) =>
  object('security.istio.io/v1', 'PeerAuthentication', namespace, 'default', { spec: { mtls: { mode } } });

const WEB = object('networking.istio.io/v1', 'VirtualService', 'shop', 'web', { spec: { hosts: ['web'] } });
const MESH = object('v1', 'ConfigMap', 'istio-system', 'istio', { data: { mesh: 'rootNamespace: config' } });
const ISTIOD: ClusterObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'istiod', namespace: 'istio-system', uid: 'uid-istiod' },
  spec: { template: { metadata: { labels: { app: 'istiod' } } } },
};
const CONTROL_PLANE = [WEBHOOK, istiodService(), ISTIOD, MESH];
const POLICIES = [authentication('istio-system', 'PERMISSIVE'), authentication('config', 'STRICT')];

async function graph(args: readonly string[]) {
  const process = new RecordedProcess();
  const code = await main(['graph', '-o', 'json', ...args], new Terminal(process));
  return { ...process.written, code };
}

/** What the graph reports about the namespaces that it shows. */
const told = ({ stdout }: { readonly stdout: string }) => (JSON.parse(stdout) as TrafficGraph).namespaces;

const CONFIGURED = [{ name: 'shop', details: ['mTLS STRICT'] }];
const LEFT_OPEN = [{ name: 'shop', details: ['mTLS PERMISSIVE'] }];

describe('the mode of the mesh in a graph of files', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'graph-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  async function ofFiles(objects: readonly ClusterObject[], ...args: readonly string[]) {
    const path = join(directory, 'mesh.yaml');
    writeFileSync(path, objects.map((one) => stringify(one)).join('---\n'));
    return graph([path, ...args]);
  }

  test.each([[[]], [['-n', 'shop']]])(
    'comes from the root namespace of the mesh configuration, with %j',
    async (args) => {
      expect(told(await ofFiles([WEB, MESH, ...POLICIES], ...args))).toEqual(CONFIGURED);
    },
  );

  test.each([[[]], [['-n', 'shop']]])('comes from istio-system without a mesh configuration, with %j', async (args) => {
    expect(told(await ofFiles([WEB, ...POLICIES], ...args))).toEqual(LEFT_OPEN);
  });

  test('does not count as traffic of a namespace that has none', async () => {
    const { stderr } = await ofFiles([...POLICIES], '-n', 'shop');
    expect(stderr).toMatch(/^error: no VirtualService, DestinationRule, Gateway or ServiceEntry in \S+; pass files/);
  });
});

test('the layout is loaded only for a page', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'graph-'));
  const path = join(directory, 'mesh.yaml');
  writeFileSync(path, stringify(WEB));
  expect(await graph([path])).toMatchObject({ code: 0, stderr: '' });
  expect(await graph([path, '--html', join(directory, 'mesh.html')])).toMatchObject({
    code: 1,
    stderr: 'error: the layout is loaded\n',
  });
  rmSync(directory, { recursive: true });
});

describe('the mode of the mesh in a graph of a cluster', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
  });

  async function ofCluster(
    objects: readonly ClusterObject[],
    args: readonly string[],
    intercept?: FakeClusterOptions['intercept'],
  ) {
    cluster = await FakeCluster.start(objects, { ...(intercept ? { intercept } : {}) });
    return graph(['--kubeconfig', cluster.server.kubeconfig, ...args]);
  }

  test.each([[[]], [['-n', 'shop']], [['-n', 'shop,config']]])(
    'comes from the root namespace of the mesh configuration, with %j',
    async (args) => {
      expect(told(await ofCluster([WEB, ...CONTROL_PLANE, ...POLICIES], args))).toEqual(CONFIGURED);
    },
  );

  test('comes from istio-system where no control plane runs in the cluster', async () => {
    expect(told(await ofCluster([WEB, ...POLICIES], []))).toEqual(LEFT_OPEN);
  });

  test('is left out, with a note, where the mesh configuration may not be read', async () => {
    const message =
      'configmaps "istio" is forbidden: User "me" cannot get resource "configmaps" in API group "" in the namespace "istio-system"';
    const drawn = await ofCluster([WEB, ...CONTROL_PLANE, ...POLICIES], [], ({ path }) =>
      path.endsWith('/configmaps/istio') ? refusal(403, 'Forbidden', message) : undefined,
    );
    expect(told(drawn)).toEqual([{ name: 'shop', details: [] }]);
    expect(drawn).toMatchObject({
      code: 0,
      stderr: `Note: the mesh-wide mutual TLS mode is unknown. The cluster refuses GET /api/v1/namespaces/istio-system/configmaps/istio: ${message}; grant the verb get on configmaps, and the other permissions that docs/command-line.md lists for a graph.\n`,
    });
  });
});
