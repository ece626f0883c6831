import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ControlPlane } from '../control-plane/control-plane';
import type { KubeClient, ObjectReference } from '../control-plane/kube-client';
import type { SimpleKubeconfig } from '../control-plane/kubeconfig';
import { PulumiWorkspace } from '../control-plane/pulumi-workspace';
import { MeshCluster } from '../e2e/mesh-cluster';
import { viewWorkloads } from '../demo/workload-views';
import { namesOf, saidBy, succeeded } from './outcome';
import type { Mesh } from './programs/clusters';

const IMAGE = 'docker.io/istio/proxyv2:1.31.1-distroless';
const SHOP: ObjectReference = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const FOREIGN = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'theirs', namespace: 'shop' },
  spec: { hosts: ['web'], http: [{ route: [{ destination: { host: 'web' } }] }] },
};

/** East and west get a mesh each; the current context of the ambient kubeconfig is a third cluster, outside. */
describe('MeshDeployments in several clusters', () => {
  let east: MeshCluster;
  let west: MeshCluster;
  let outside: ControlPlane;
  let outsideClient: KubeClient;
  let ambient: string;
  let meshes: readonly Mesh[];
  let workspace: PulumiWorkspace;
  let untouched: unknown;

  beforeAll(async () => {
    [east, west, outside] = await Promise.all([
      MeshCluster.start({ seed: false }),
      MeshCluster.start({ seed: false }),
      ControlPlane.start(),
    ]);
    outsideClient = await outside.connect();
    for (const client of [east.client, west.client, outsideClient]) {
      await client.create(SHOP);
      await client.create(web());
    }
    ambient = join(outside.directory, 'ambient');
    const kubeconfig = kubeconfigOfAll();
    writeFileSync(ambient, kubeconfig);
    const charts = outside.programs.istioCharts;
    const common = { namespace: 'shop', adopted: true, kubeconfig };
    meshes = [
      { ...common, name: 'east', by: 'parent', context: 'east', charts },
      {
        ...{ ...common, name: 'west', by: 'output', source: readFileSync(east.controlPlane.kubeconfig, 'utf8') },
        ...{ context: 'west', cluster: 'west', charts },
      },
    ];
    workspace = await workspaceFor('meshes');
    await workspace.setConfig('meshes', JSON.stringify(meshes), { secret: true });
    untouched = await contentsOf(outsideClient);
  }, 1_800_000);

  afterAll(async () => {
    outsideClient.close();
    await Promise.all([east.stop(), west.stop(), outside.stop()]);
  });

  afterEach(async () => {
    expect(await contentsOf(outsideClient)).toEqual(untouched);
  });

  /** The context west combines the user of west with the cluster outside, unless the provider also sets `cluster`. */
  function kubeconfigOfAll(): string {
    const parts = Object.entries({ outside, east: east.controlPlane, west: west.controlPlane }).map(
      ([name, { kubeconfig }]) => {
        const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as SimpleKubeconfig;
        return { name, cluster: clusters[0]?.cluster, user: users[0]?.user };
      },
    );
    return JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'outside' },
      clusters: parts.map(({ name, cluster }) => ({ name, cluster })),
      users: parts.map(({ name, user }) => ({ name, user })),
      contexts: ['outside', 'east', 'west'].map((name) => ({
        name,
        context: { cluster: name === 'west' ? 'outside' : name, user: name },
      })),
    });
  }

  async function workspaceFor(stack: string): Promise<PulumiWorkspace> {
    const created = await PulumiWorkspace.create({
      project: join(__dirname, 'programs', 'clusters'),
      state: join(outside.directory, 'pulumi', stack),
      home: join(outside.directory, 'pulumi', 'home'),
      env: { ...outside.env(), KUBECONFIG: ambient },
    });
    await created.init(stack);
    return created;
  }

  const imagesOf = async ({ client }: MeshCluster) => {
    const { 'Deployment/shop/web': deployment } = await viewWorkloads(client, ['shop']);
    return deployment?.pods.map(({ image }) => image);
  };

  test('apply objects and restart workloads each in the cluster of its provider', async () => {
    const preview = await workspace.preview();
    succeeded(preview);
    // The kubeconfig in the Secret is also known in the preview: the provider sends a dry run of it to the API server.
    const predicted = preview.diagnostics.filter(({ message }) => /Once this is applied|cannot be told/.test(message));
    expect(predicted.map(({ urn }) => urn?.split('::').at(-1)).sort()).toEqual(['east', 'west']);
    succeeded(await workspace.up());
    expect([await imagesOf(east), await imagesOf(west)]).toEqual([[IMAGE], [IMAGE]]);
    const state = JSON.stringify(await workspace.exportState());
    const keys = JSON.stringify(kubeconfigOfAll()).match(/(?<=client-key-data\\":\\")[^\\]+/g) ?? [];
    expect(keys).toHaveLength(3);
    // What the user passes to a provider in plain text stays plain; what the component derives from it is secret.
    const { deployment } = await workspace.exportState<{ deployment: { resources: readonly { urn: string }[] } }>();
    const own = deployment.resources.filter(({ urn }) => !/-(provider|source)$/.test(urn));
    expect(keys.filter((key) => JSON.stringify(own).includes(key))).toEqual([]);
    expect(state).toContain('ciphertext');
  }, 600_000);

  test('know in a preview what they know in an update', async () => {
    const preview = await workspace.preview(['--expect-no-changes']);
    succeeded(preview);
    expect(saidBy(preview).match(/Once this is applied, no workload restarts\./g)?.length).toBeGreaterThanOrEqual(2);
    succeeded(await workspace.up(['--expect-no-changes']));
  }, 600_000);

  test('follow the configuration of the stack where no provider is given, as the default provider does', async () => {
    const other = await workspaceFor('configured');
    await other.setConfig('kubernetes:context', 'east');
    const mesh: Mesh = { name: 'configured', by: 'args', namespace: 'configured' };
    await other.setConfig('meshes', JSON.stringify([mesh]));
    succeeded(await other.up());
    await expect(east.client.get(namespace('configured'))).resolves.toBeDefined();
    succeeded(await other.destroy());
  }, 600_000);

  test('move with their provider to another cluster, and leave nothing behind', async () => {
    const other = await workspaceFor('moving');
    const moving: Mesh = {
      ...{ name: 'moving', by: 'provider', namespace: 'moving' },
      ...{ kubeconfig: kubeconfigOfAll(), context: 'east' },
    };
    await other.setConfig('meshes', JSON.stringify([moving]));
    succeeded(await other.up());
    await other.setConfig('meshes', JSON.stringify([{ ...moving, context: 'west', cluster: 'west' }]));
    const moved = await other.up();
    succeeded(moved);
    expect(namesOf(moved, 'replace')).toEqual(
      expect.arrayContaining([
        'moving-kubernetes',
        'moving-readiness',
        'moving/Namespace/moving',
        'moving-restart',
        'moving-guard',
      ]),
    );
    await expect(west.client.get(namespace('moving'))).resolves.toBeDefined();
    await east.client.waitFor(namespace('moving'), (object) => object === undefined);
    succeeded(await other.destroy());
  }, 600_000);

  test.each<[Partial<Mesh>, string]>([
    [{ by: 'rendering' }, 'Its Kubernetes provider renders YAML to rendered (renderYamlToDirectory)'],
    [{ by: 'args', kubeconfig: '' }, 'Its argument kubeconfig is empty; pass a value, or leave it out.'],
  ])(
    'refuse what names no cluster: %j',
    async (mesh, message) => {
      const other = await workspaceFor(`refused-${String(mesh.by)}`);
      await other.setConfig('meshes', JSON.stringify([{ name: 'refused', namespace: 'refused', ...mesh }]));
      const refused = await other.up();
      expect(refused.exitCode).not.toBe(0);
      expect(saidBy(refused)).toContain(message);
    },
    600_000,
  );

  test('refuse to go while their own cluster has resources of others, and go from each', async () => {
    await west.client.apply(FOREIGN);
    const refused = await workspace.destroy();
    expect(refused.exitCode).not.toBe(0);
    expect(saidBy(refused)).toContain("would be deleted with Istio's CRDs: VirtualService shop/theirs;");
    expect(await imagesOf(west)).toEqual([IMAGE]);
    await west.client.delete(FOREIGN);
    succeeded(await workspace.destroy());
    expect([await imagesOf(east), await imagesOf(west)]).toEqual([[undefined], [undefined]]);
  }, 600_000);
});

function namespace(name: string): ObjectReference {
  return { ...SHOP, metadata: { name } };
}

function web(): ObjectReference & { readonly spec: object } {
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image: 'docker.io/library/nginx:1.29' }];
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' } },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

/** The objects in which a mesh would leave traces. */
async function contentsOf(client: KubeClient): Promise<unknown> {
  const kinds = [
    ['v1', 'Namespace'],
    ['v1', 'Secret'],
    ['apps/v1', 'Deployment'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'],
  ] as const;
  const lists = kinds.map(async ([apiVersion, kind]) =>
    (await client.list(apiVersion, kind)).map(({ metadata: { namespace, name, generation, labels } }) => ({
      ...{ kind, namespace, name, generation, labels },
    })),
  );
  return (await Promise.all(lists)).flat();
}
