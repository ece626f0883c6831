import { join } from 'node:path';
import type { KubeObject, ObjectReference } from '../control-plane/kube-client';
import { PulumiWorkspace } from '../control-plane/pulumi-workspace';
import { MeshCluster } from '../e2e/mesh-cluster';
import { namesOf, saidBy, succeeded } from './outcome';
import type { Settings } from './programs/options';

const INJECTOR_CONFIGURATION: ObjectReference = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
};
const CHART_VALUES: ObjectReference = {
  ...INJECTOR_CONFIGURATION,
  metadata: { name: 'values', namespace: 'istio-system' },
};
const SHOP: ObjectReference = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const WEB: ObjectReference = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
};

/** A resource that does not stand for an object in a cluster. */
const PROVIDER = 'mesh-kubernetes';

/** Operations that neither leave an object as it is nor update it in place. */
const NOT_IN_PLACE = ['create', 'create-replacement', 'replace', 'delete-replaced', 'delete'];

/** A resource of a component in Pulumi's state. */
interface ChildResource {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  readonly inputs: object;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

describe('a MeshDeployment with a plain provider and the options of components', () => {
  let cluster: MeshCluster;
  let workspace: PulumiWorkspace;
  let settings: Settings;

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
    workspace = await workspaceFor('first');
    settings = { charts: cluster.controlPlane.programs.istioCharts };
  }, 1_800_000);

  afterAll(async () => {
    await cluster.stop();
  });

  async function workspaceFor(stack: string): Promise<PulumiWorkspace> {
    const created = await PulumiWorkspace.create({
      project: join(__dirname, 'programs', 'options'),
      state: join(cluster.controlPlane.directory, 'pulumi', stack),
      home: join(cluster.controlPlane.directory, 'pulumi', 'home'),
      env: cluster.controlPlane.env(),
    });
    await created.init(stack);
    return created;
  }

  async function set(changes: Partial<Settings>): Promise<void> {
    settings = { ...settings, ...changes };
    await workspace.setConfig('settings', JSON.stringify(settings));
  }

  /** The resources of the component in the state. */
  async function childrenOf(component: string): Promise<readonly ChildResource[]> {
    const { deployment } = await workspace.exportState<{ deployment: { resources: readonly ChildResource[] } }>();
    const children = deployment.resources.filter(({ parent }) => parent?.endsWith(`::${component}`));
    expect(children.length).toBeGreaterThan(20);
    return children;
  }

  /**
   * Expects an Output in the chart to be refused, once and with its place, and the objects of the last update to stay.
   */
  async function refusesOutput(stack: PulumiWorkspace, wrong: Settings): Promise<void> {
    await stack.setConfig('settings', JSON.stringify(wrong));
    const refused = await stack.up();
    expect(refused.exitCode).not.toBe(0);
    const errors = refused.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    expect(errors.filter((message) => message.includes('Output'))).toEqual([
      'mesh/output: data.key holds an Output of Pulumi, whose value is not known when the chart is built; pass it in the inputs of the MeshDeployment, and use the value that the function for its chart receives.',
    ]);
    expect(namesOf(refused, ...NOT_IN_PLACE)).toEqual([]);
  }

  const cpuOfSidecar = async () => {
    const { data } = await cluster.client.get<KubeObject & { data: { values: string } }>(INJECTOR_CONFIGURATION);
    const { global } = JSON.parse(data.values) as { global: { proxy: { resources: { requests: { cpu: string } } } } };
    return global.proxy.resources.requests.cpu;
  };

  test('previews, installs after what it depends on, and changes nothing the second time', async () => {
    await set({});
    succeeded(await workspace.preview());
    const installed = await workspace.up();
    succeeded(installed);
    const created = namesOf(installed, 'create');
    expect(created.slice(created.indexOf('before') + 1)).toEqual(
      expect.arrayContaining([PROVIDER, 'mesh-release', 'mesh/Deployment/istio-system/istiod', 'mesh-restart']),
    );
    // What depends on the component waits for all of it.
    expect(created.slice(-2)).toEqual(['mesh-guard', 'after']);
    expect(new Set(installed.steps.map(({ type }) => type))).toEqual(
      expect.objectContaining(
        new Set([
          'kubernetes:core/v1:ConfigMap',
          'kubernetes:apps/v1:DaemonSet',
          'kubernetes:rbac.authorization.k8s.io/v1:ClusterRole',
          'kubernetes:security.istio.io/v1:PeerAuthentication',
        ]),
      ),
    );
    const again = await workspace.up(['--expect-no-changes']);
    succeeded(again);
    expect(Object.keys(again.changes)).toEqual(['same']);
  }, 600_000);

  test('reaches all its objects with transformations of either kind', async () => {
    const objects = (await childrenOf('mesh')).filter(({ type }) => /^kubernetes:(core|apps|security)/.test(type));
    expect(objects.length).toBeGreaterThan(5);
    for (const { urn, inputs } of objects) {
      expect([urn, inputs]).toEqual([
        urn,
        expect.objectContaining({
          metadata: expect.objectContaining({
            annotations: expect.objectContaining({
              'example.org/transformation': 'set',
              'example.org/transform': 'set',
            }) as unknown,
          }) as unknown,
        }),
      ]);
    }
    const { metadata } = await cluster.client.get(INJECTOR_CONFIGURATION);
    expect(metadata.annotations).toMatchObject({
      'example.org/transformation': 'set',
      'example.org/transform': 'set',
    });
  }, 60_000);

  test('takes over a namespace that exists, once it is imported', async () => {
    await cluster.client.create(SHOP);
    await cluster.client.create(webDeployment());
    const { metadata: before } = await cluster.client.get(SHOP);
    const resources = (await workspace.exportState()).deployment.resources ?? [];
    const urnOf = (name: string) => resources.find(({ urn }) => urn.endsWith(`::${name}`))?.urn ?? '';
    const imported = await workspace.run([
      ...['import', 'kubernetes:core/v1:Namespace', 'mesh/Namespace/shop', 'shop', '--stack', 'first'],
      ...['--parent', `mesh=${urnOf('mesh')}`, '--provider', `own=${urnOf(PROVIDER)}`],
      ...['--yes', '--skip-preview', '--generate-code=false', '--protect=false'],
    ]);
    expect({ exitCode: imported.exitCode, said: imported.exitCode === 0 ? '' : saidBy(imported) }).toEqual({
      exitCode: 0,
      said: '',
    });
    await set({ namespaces: ['shop'], front: ['one', 'two'] });
    const updated = await workspace.up();
    succeeded(updated);
    expect([...namesOf(updated, ...NOT_IN_PLACE)].sort()).toEqual([
      'mesh/ConfigMap/default/one',
      'mesh/ConfigMap/default/two',
    ]);
    expect(namesOf(updated, 'update')).toEqual(expect.arrayContaining(['mesh/Namespace/shop', 'mesh-restart']));
    const { metadata: after } = await cluster.client.get(SHOP);
    expect([after.uid, after.labels]).toEqual([
      before.uid,
      expect.objectContaining({ 'istio-injection': 'enabled' }) as unknown,
    ]);
    const { 'Deployment/shop/web': web } = await cluster.workloads(['shop']);
    expect(web?.pods.map(({ image }) => image)).toEqual(['docker.io/istio/proxyv2:1.31.1-distroless']);
  }, 600_000);

  test('leaves all other objects alone where one is added, moved or removed', async () => {
    await set({ front: ['zero', 'one', 'two'] });
    const added = await workspace.preview();
    succeeded(added);
    expect(namesOf(added, ...NOT_IN_PLACE)).toEqual(['mesh/ConfigMap/default/zero']);
    // The resources that wait for all objects.
    const updated = added.steps.filter(({ op, type }) => op === 'update' && !type.startsWith('pulumi:providers:'));
    expect(updated.map(({ urn }) => urn.split('::').at(-1))).toEqual(['mesh-readiness', 'mesh-restart']);

    await set({ front: ['two', 'one'] });
    const moved = await workspace.preview(['--expect-no-changes']);
    succeeded(moved);
    expect(Object.keys(moved.changes)).toEqual(['same']);

    await set({ front: ['two'] });
    const removed = await workspace.preview();
    succeeded(removed);
    expect(namesOf(removed, ...NOT_IN_PLACE)).toEqual(['mesh/ConfigMap/default/one']);
  }, 600_000);

  test('replaces an object as its transform says: deleted first', async () => {
    await set({ front: ['two'], content: 'changed' });
    const replaced = await workspace.up();
    succeeded(replaced);
    const two = replaced.steps.filter(({ urn }) => urn.endsWith('/ConfigMap/default/two')).map(({ op }) => op);
    expect(two.filter((op) => op !== 'replace')).toEqual(['delete-replaced', 'create-replacement']);
    expect(namesOf(replaced, 'delete')).toEqual(['mesh/ConfigMap/default/one']);
    await expect(
      cluster.client.get({ ...CHART_VALUES, metadata: { name: 'two', namespace: 'default' } }),
    ).resolves.toMatchObject({ data: { content: 'changed' } });
  }, 600_000);

  test('updates a target alone, and the rest with the next update', async () => {
    await set({ proxyCpu: '50m' });
    const { metadata: before } = await cluster.client.get(INJECTOR_CONFIGURATION);
    const { generation } = await cluster.client.get(WEB).then(({ metadata }) => metadata);
    const targeted = await workspace.up(['--target', '**mesh/ConfigMap/istio-system/istio-sidecar-injector']);
    succeeded(targeted);
    // The update is in place, so that istiod always has its configuration.
    const changed = targeted.steps.filter(({ op, type }) => op !== 'same' && !type.startsWith('pulumi:providers:'));
    expect(changed.map(({ op, type }) => [op, type])).toEqual([['update', 'kubernetes:core/v1:ConfigMap']]);
    expect(await cpuOfSidecar()).toBe('50m');
    const { metadata: after } = await cluster.client.get(INJECTOR_CONFIGURATION);
    expect(after.uid).toBe(before.uid);
    expect((await cluster.client.get(WEB)).metadata.generation).toBe(generation);

    const rest = await workspace.up();
    succeeded(rest);
    expect(namesOf(rest, 'create', 'create-replacement', 'delete')).toEqual([]);
    expect((await cluster.client.get(WEB)).metadata.generation).toBe((generation ?? 0) + 1);
  }, 600_000);

  test('notices on refresh what somebody deleted, and creates it again', async () => {
    await cluster.client.delete(CHART_VALUES);
    const refreshed = await workspace.refresh();
    succeeded(refreshed);
    expect(refreshed.changes).toMatchObject({ delete: 1 });
    const restored = await workspace.up();
    succeeded(restored);
    expect(namesOf(restored, 'create')).toEqual(['mesh/ConfigMap/istio-system/values']);

    await cluster.client.delete(CHART_VALUES);
    const again = await workspace.up(['--refresh']);
    succeeded(again);
    expect(namesOf(again, 'create')).toEqual(['mesh/ConfigMap/istio-system/values']);
    await expect(cluster.client.get(CHART_VALUES)).resolves.toBeDefined();
  }, 600_000);

  test('stands beside a second stack, which goes and leaves it alone', async () => {
    const second = await workspaceFor('second');
    await second.setConfig('settings', JSON.stringify({ lateNamespace: 'stage' } satisfies Settings));
    const preview = await second.preview();
    succeeded(preview);
    expect(saidBy(preview)).toContain('Some of the inputs of the chart are known only in the update');
    const installed = await second.up();
    succeeded(installed);
    expect(namesOf(installed, 'create')).toContain('mesh/Namespace/stage');
    const known = await second.preview(['--expect-no-changes']);
    succeeded(known);
    expect(saidBy(known)).not.toContain('known only in the update');
    await refusesOutput(second, { lateNamespace: 'stage', outputInChart: true });
    succeeded(await workspace.up(['--expect-no-changes']));
    const destroyed = await second.destroy();
    succeeded(destroyed);
    const deleted = namesOf(destroyed, 'delete');
    for (const source of ['before', 'late']) {
      expect(deleted.indexOf(source)).toBeGreaterThan(deleted.indexOf('mesh/Namespace/stage'));
    }
    succeeded(await workspace.up(['--refresh', '--expect-no-changes']));
  }, 600_000);

  test('keeps its objects under another name, by an alias', async () => {
    await set({ name: 'renamed', formerName: 'mesh' });
    const renamed = await workspace.up(['--expect-no-changes']);
    succeeded(renamed);
    expect(namesOf(renamed, 'same')).toContain('renamed/Deployment/istio-system/istiod');
    await set({ formerName: undefined });
    succeeded(await workspace.up(['--expect-no-changes']));
  }, 600_000);

  test('protects its objects', async () => {
    await set({ options: { protect: true } });
    succeeded(await workspace.up());
    expect((await childrenOf('renamed')).filter(({ protect }) => protect !== true)).toEqual([]);
    // Only one resource depends on the guard.
    const { stdout } = await workspace.destroy(['--target', '**renamed-guard', '--target', '**::after']);
    expect(stdout).toMatch(/cannot be deleted\s+because it is protected/);
    await set({ options: {} });
    succeeded(await workspace.up());
  }, 600_000);

  test('leaves its objects behind where they are to be retained', async () => {
    await set({ options: { retainOnDelete: true } });
    succeeded(await workspace.up());
    expect((await childrenOf('renamed')).filter(({ retainOnDelete }) => retainOnDelete !== true)).toEqual([]);
    const before = await cluster.workloads(['shop', 'istio-system']);
    await set({ removed: true });
    const removed = await workspace.up();
    succeeded(removed);
    expect(namesOf(removed, 'delete')).toContain('renamed/Deployment/istio-system/istiod');
    expect(await cluster.workloads(['shop', 'istio-system'])).toEqual(before);
    expect(await cpuOfSidecar()).toBe('50m');
    succeeded(await workspace.destroy());
  }, 600_000);
});

function webDeployment(): ObjectReference & { readonly spec: object } {
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image: 'docker.io/library/nginx:1.29' }];
  return {
    ...WEB,
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}
