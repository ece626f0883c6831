import { rolledBetween } from '../e2e/rolled-between';
import { MeshCluster, PROJECT_WITHOUT_TRAFFIC, type WorkloadView } from '../e2e/mesh-cluster';
import type { KubeObject, ObjectReference } from '../control-plane/kube-client';
import { type OlderIstio, olderIstio } from '../control-plane/istio-versions';
import type { PulumiWorkspace } from '../control-plane/pulumi-workspace';
import { namesOf, saidBy, succeeded } from './outcome';

interface Webhooks extends KubeObject {
  readonly webhooks: readonly {
    readonly name: string;
    readonly failurePolicy: string;
    readonly clientConfig: { readonly caBundle?: string };
    readonly namespaceSelector: { readonly matchExpressions: readonly object[] };
  }[];
}

const INJECTOR: ObjectReference = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'istio-sidecar-injector' },
};
const VALIDATORS: readonly ObjectReference[] = ['istio-validator-istio-system', 'istiod-default-validator'].map(
  (name) => ({ ...INJECTOR, kind: 'ValidatingWebhookConfiguration', metadata: { name } }),
);

/** What a cloud provider adds to every admission webhook. */
const CLOUD_EXPRESSION = { key: 'control-plane', operator: 'DoesNotExist' };

describe('MeshDeployment, run by the Pulumi engine', () => {
  let cluster: MeshCluster;
  let workspace: PulumiWorkspace;
  let older: OlderIstio;

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    const legacy = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'legacy' } };
    await cluster.client.patch(legacy, { metadata: { labels: { 'istio-injection': 'disabled' } } });
    older = await olderIstio();
    workspace = await cluster.workspace(older.version, { project: PROJECT_WITHOUT_TRAFFIC });
    await workspace.setConfig('charts', older.charts);
    succeeded(await workspace.up());
  }, 1_800_000);

  afterAll(async () => {
    await cluster.stop();
  });

  const webhooksOf = (reference: ObjectReference) => cluster.client.get<Webhooks>(reference);

  test('keeps neither credentials nor anything captured in the state', async () => {
    const kubeconfig = await contentsOf(cluster.controlPlane.kubeconfig);
    await workspace.setConfig('kubeconfig', kubeconfig, { secret: true });
    succeeded(await workspace.up());
    const state = JSON.stringify(await workspace.exportState());
    for (const secret of kubeconfig.match(/(?<=-data"?: "?)[A-Za-z0-9+/=]{40,}/g) ?? []) {
      expect(state).not.toContain(secret);
    }
    expect(kubeconfig).toMatch(/client-key-data/);
    const providers = [...state.matchAll(/"__provider":("(?:[^"\\]|\\.)*")/g)].map(([, text = '""']) =>
      String(JSON.parse(text)),
    );
    expect(providers.length).toBeGreaterThanOrEqual(3);
    for (const provider of providers) {
      expect(provider.length).toBeLessThan(10_000);
      // A method loads whatever it needs when it is called: the serialized provider contains no call of require.
      expect(provider).not.toMatch(/\brequire\(/);
    }
    await workspace.removeConfig('kubeconfig');
    succeeded(await workspace.up());
  }, 300_000);

  test('leaves the fields that istiod owns to istiod, and tolerates what a cloud provider adds', async () => {
    for (const reference of [INJECTOR, ...VALIDATORS]) {
      for (const { clientConfig, failurePolicy } of (await webhooksOf(reference)).webhooks) {
        expect(clientConfig.caBundle).toMatch(/^LS0t/);
        expect(failurePolicy).toBe('Fail');
      }
    }
    const unchanged = await workspace.up(['--refresh', '--expect-no-changes']);
    succeeded(unchanged);
    expect(Object.keys(unchanged.changes)).toEqual(['same']);

    await addCloudExpression(cluster, INJECTOR);
    const edited = await workspace.up(['--refresh', '--expect-no-changes']);
    succeeded(edited);
    expect(Object.keys(edited.changes)).toEqual(['same']);
    expect(JSON.stringify(await webhooksOf(INJECTOR))).toContain(JSON.stringify(CLOUD_EXPRESSION));
  }, 300_000);

  test('goes on without a conflict after an upgrade, with and without a refresh', async () => {
    await workspace.setConfig('version', '1.31.1');
    await workspace.setConfig('charts', cluster.controlPlane.programs.istioCharts);
    succeeded(await workspace.up());
    const unchanged = await workspace.up(['--refresh', '--expect-no-changes']);
    succeeded(unchanged);
    expect(Object.keys(unchanged.changes)).toEqual(['same']);
  }, 300_000);

  test('follows a chart that adds a webhook and takes it away, beside what others have written', async () => {
    const namesOf = async () => (await webhooksOf(INJECTOR)).webhooks.map(({ name }) => name);
    const names = await namesOf();
    const everywhere = { sidecarInjectorWebhook: { enableNamespacesByDefault: true } };
    await workspace.setConfig('values', JSON.stringify({ istiod: everywhere }));
    await workspace.setConfig('restart', JSON.stringify({ namespaces: ['shop', 'legacy'] }));
    succeeded(await workspace.up());
    expect(await namesOf()).toEqual([...names, 'auto.sidecar-injector.istio.io']);
    await workspace.setConfig('values', '{}');
    succeeded(await workspace.up(['--refresh']));
    expect(await namesOf()).toEqual(names);
    const { webhooks } = await webhooksOf(INJECTOR);
    for (const { clientConfig, failurePolicy, namespaceSelector } of webhooks) {
      expect(clientConfig.caBundle).toMatch(/^LS0t/);
      expect(failurePolicy).toBe('Fail');
      expect(namespaceSelector.matchExpressions).toContainEqual(CLOUD_EXPRESSION);
    }
    await workspace.removeConfig('restart');
    succeeded(await workspace.up());
  }, 300_000);

  test('says in one line of the preview which workloads the update restarts, and restarts them', async () => {
    await workspace.setConfig('defaultConfig', JSON.stringify({ drainDuration: '30s' }));
    const preview = await workspace.preview();
    succeeded(preview);
    const line =
      /Once this is applied, (\d+) workloads restart \(\d+ in shop\), \d+ of them not seamless; 3 to do by hand\./;
    const [, count] = line.exec(saidBy(preview)) ?? [undefined, saidBy(preview)];
    const before = await cluster.workloads();
    const updated = await workspace.up();
    succeeded(updated);
    // ConfigMaps are updated in place, so that istiod always has its configuration.
    expect(new Set(updated.steps.map(({ op }) => op))).toEqual(new Set(['same', 'update']));
    expect(namesOf(updated, 'update')).toContain('mesh/ConfigMap/istio-system/istio');
    expect(rolledBetween(before, await cluster.workloads())).toHaveLength(Number(count));
    await workspace.removeConfig('defaultConfig');
    succeeded(await workspace.up());
  }, 300_000);

  test('refuses a downgrade, and a step over a minor version, on preview', async () => {
    await workspace.setConfig('version', older.version);
    await workspace.setConfig('charts', older.charts);
    const downgrade = await workspace.preview();
    expect(downgrade.exitCode).not.toBe(0);
    expect(saidBy(downgrade)).not.toContain('MaxListenersExceededWarning');
    expect(saidBy(downgrade)).toContain(
      'Istio 1.30.2 is one minor version earlier than the installed 1.31.1; to downgrade, set allowDowngrade (flag --allow-downgrade of check).',
    );
    await workspace.setConfig('charts', cluster.controlPlane.programs.istioCharts);
    await workspace.setConfig('version', '1.33.0');
    const jump = await workspace.preview();
    expect(jump.exitCode).not.toBe(0);
    expect(saidBy(jump)).toContain(
      'An upgrade from Istio 1.31.1 to 1.33.0 spans more than one minor version; upgrade to 1.32 first.',
    );
    await workspace.setConfig('version', '1.31.1');
  }, 300_000);

  test('shows on refresh which workloads lost their sidecars outside of Pulumi, and restores them with the next update', async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
    await cluster.client.patch(namespace, { metadata: { labels: { 'istio-injection': 'disabled' } } });
    const before = await cluster.workloads();
    await replacePods(cluster, before['Deployment/shop/cart']);
    await cluster.client.patch(namespace, { metadata: { labels: { 'istio-injection': 'enabled' } } });

    const refreshed = await workspace.refresh();
    succeeded(refreshed);
    const state = await workspace.exportState<{
      deployment: { resources: { urn: string; outputs?: { outdated?: string[] } }[] };
    }>();
    const restart = state.deployment.resources.find(({ urn }) => urn.endsWith('::mesh-restart'));
    expect(restart?.outputs?.outdated).toEqual([
      'Deployment shop/cart: 3 of 3 pods lack the sidecar that the injector adds',
    ]);

    const lost = await cluster.workloads();
    succeeded(await workspace.up());
    const restored = await cluster.workloads();
    expect(restored['Deployment/shop/cart']?.pods.map(({ image }) => image)).toEqual(
      Array(3).fill('docker.io/istio/proxyv2:1.31.1-distroless'),
    );
    expect(without(restored, 'Deployment/shop/cart')).toEqual(without(lost, 'Deployment/shop/cart'));
  }, 300_000);

  test('brings back a webhook configuration that somebody deleted, and looks again after that', async () => {
    const before = await cluster.workloads();
    await cluster.client.delete(INJECTOR);
    const mended = await workspace.up(['--refresh']);
    succeeded(mended);
    expect(mended.changes).toMatchObject({ create: 1, update: 1 });
    expect((await webhooksOf(INJECTOR)).webhooks.every(({ clientConfig }) => clientConfig.caBundle)).toBe(true);
    expect(await cluster.workloads()).toEqual(before);
  }, 300_000);

  test('refuses to uninstall while others still have Istio resources, and lists them', async () => {
    const foreign = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'theirs', namespace: 'legacy' },
      spec: { hosts: ['ledger'], http: [{ route: [{ destination: { host: 'ledger' } }] }] },
    };
    await cluster.client.apply(foreign);
    const before = await cluster.workloads();
    const refused = await workspace.destroy();
    expect(refused.exitCode).not.toBe(0);
    expect(saidBy(refused)).toMatch(
      new RegExp(
        `Stack istio-module/dev, cluster https://\\S+ \\(context ${cluster.controlPlane.context}\\): Istio is not uninstalled: 1 resource of Istio's API groups that this stack does not own would be deleted with Istio's CRDs: VirtualService legacy/theirs; delete it first; to delete it with Istio, set force: true, run pulumi up and uninstall again\\.`,
      ),
    );
    expect(await cluster.workloads()).toEqual(before);
    succeeded(await workspace.up(['--expect-no-changes']));
    await cluster.client.delete(foreign);
    succeeded(await workspace.destroy());
    const images = Object.values(await cluster.workloads()).flatMap(({ pods }) =>
      pods.flatMap(({ image }) => image ?? []),
    );
    expect(images).toEqual([]);
  }, 300_000);
});

function without(
  workloads: Readonly<Record<string, WorkloadView>>,
  key: string,
): Readonly<Record<string, WorkloadView>> {
  return Object.fromEntries(Object.entries(workloads).filter(([name]) => name !== key));
}

async function contentsOf(file: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(file, 'utf8');
}

async function addCloudExpression(cluster: MeshCluster, reference: ObjectReference): Promise<void> {
  const { webhooks } = await cluster.client.get<Webhooks>(reference);
  const edited = webhooks.map((webhook) => ({
    ...webhook,
    namespaceSelector: { matchExpressions: [...webhook.namespaceSelector.matchExpressions, CLOUD_EXPRESSION] },
  }));
  await cluster.client.patch(reference, { webhooks: edited });
}

async function replacePods(cluster: MeshCluster, workload: WorkloadView | undefined): Promise<void> {
  for (const { name } of workload?.pods ?? []) {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' } };
    await cluster.client.delete(pod);
    await cluster.client.waitFor(pod, (object) => object === undefined);
  }
  await cluster.client.waitFor(
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'cart', namespace: 'shop' } },
    (object) => (object as { status?: { availableReplicas?: number } } | undefined)?.status?.availableReplicas === 3,
  );
}
