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

/** Resources that need no object of the same name in a cluster. */
const PROVIDER = 'mesh-kubernetes';

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

  test('reaches its objects with transformations of either kind', async () => {
    const { metadata } = await cluster.client.get(INJECTOR_CONFIGURATION);
    expect(metadata.annotations).toMatchObject({
      'example.org/transformation': 'set',
      'example.org/transform': 'set',
    });
  });

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
    await set({ namespaces: ['shop'] });
    const updated = await workspace.up();
    succeeded(updated);
    expect(namesOf(updated, 'create', 'create-replacement', 'delete')).toEqual([]);
    expect(namesOf(updated, 'update')).toEqual(expect.arrayContaining(['mesh/Namespace/shop', 'mesh-restart']));
    const { metadata: after } = await cluster.client.get(SHOP);
    expect([after.uid, after.labels]).toEqual([
      before.uid,
      expect.objectContaining({ 'istio-injection': 'enabled' }) as unknown,
    ]);
    const { 'Deployment/shop/web': web } = await cluster.workloads(['shop']);
    expect(web?.pods.map(({ image }) => image)).toEqual(['docker.io/istio/proxyv2:1.31.1-distroless']);
  }, 600_000);

  test('updates a target alone, and the rest with the next update', async () => {
    await set({ proxyCpu: '50m' });
    const { metadata: before } = await cluster.client.get(INJECTOR_CONFIGURATION);
    const { generation } = await cluster.client.get(WEB).then(({ metadata }) => metadata);
    const targeted = await workspace.up(['--target', '**mesh/ConfigMap/istio-system/istio-sidecar-injector']);
    succeeded(targeted);
    // In place: istiod has its configuration all the while.
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

  test('misses on refresh what somebody deleted, and brings it back', async () => {
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
    await second.setConfig('settings', JSON.stringify({ namespaces: ['stage'] } satisfies Settings));
    const installed = await second.up();
    succeeded(installed);
    succeeded(await workspace.up(['--expect-no-changes']));
    const destroyed = await second.destroy();
    succeeded(destroyed);
    const deleted = namesOf(destroyed, 'delete');
    expect(deleted.indexOf('before')).toBeGreaterThan(deleted.indexOf('mesh/Namespace/stage'));
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
    // Nothing depends on the guard, so it may be a target alone.
    const { stdout } = await workspace.destroy(['--target', '**renamed-guard']);
    expect(stdout).toMatch(/cannot be deleted\s+because it is protected/);
    await set({ options: {} });
    succeeded(await workspace.up());
  }, 600_000);

  test('leaves its objects behind where they are to be retained', async () => {
    await set({ options: { retainOnDelete: true } });
    succeeded(await workspace.up());
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
