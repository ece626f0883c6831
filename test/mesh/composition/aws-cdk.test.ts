import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App as AwsApp, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Cluster, type ICluster } from 'aws-cdk-lib/aws-eks';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { App, Chart } from 'cdk8s';
import { Destination, MeshNamespace, StrictPeerAuthentication, TrafficPolicy } from 'istio-module';
import { addMesh } from '../../../examples/aws-cdk/add-mesh';
import { fakeModule, synthesized, title, type Manifest } from '../synthesis';

const MANIFEST = 'Custom::AWSCDK-EKS-KubernetesResource';
const VALUE = 'Custom::AWSCDK-EKS-KubernetesObjectValue';

interface Resource {
  readonly Properties: { readonly Manifest: string };
  readonly DependsOn?: readonly string[];
}

const outdir = mkdtempSync(join(tmpdir(), 'istio-module-aws-cdk-'));

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

function newStack(): { readonly stack: Stack; readonly cluster: ICluster } {
  const context = { 'aws:cdk:disable-asset-staging': true };
  const stack = new Stack(new AwsApp({ outdir, context, analyticsReporting: false }), 'stack');
  const cluster = Cluster.fromClusterAttributes(stack, 'eks', {
    clusterName: 'staging',
    kubectlRoleArn: 'arn:aws:iam::111122223333:role/kubectl',
    kubectlLayer: LayerVersion.fromLayerVersionArn(
      stack,
      'kubectl',
      'arn:aws:lambda:eu-central-1:111122223333:layer:kubectl:1',
    ),
  });
  return { stack, cluster };
}

function policies(chart: Chart): void {
  const namespace = new MeshNamespace(chart, 'shop', { name: 'shop' });
  new StrictPeerAuthentication(chart, 'strict');
  new TrafficPolicy(chart, 'reviews', { namespace, host: 'reviews', routes: [{ to: [Destination.host()] }] });
}

/** The titles of the objects in each of the template's manifests, and the manifests that come before it. */
function manifests(template: Template): Record<string, { titles: string[]; after: string[] }> {
  const resources = template.findResources(MANIFEST) as Record<string, Resource>;
  return Object.fromEntries(
    Object.entries(resources).map(([id, { Properties, DependsOn = [] }]) => [
      id,
      {
        titles: (JSON.parse(Properties.Manifest) as Manifest[]).map(title),
        after: DependsOn.filter((one) => one in resources || one in template.findResources(VALUE)),
      },
    ]),
  );
}

describe('through AWS CDK', () => {
  test('addCdk8sChart applies a chart in one manifest, in the order of the chart', () => {
    const { stack, cluster } = newStack();
    const chart = new Chart(new App(), 'mesh');
    policies(chart);
    fakeModule(chart, { mutualTls: false });
    cluster.addCdk8sChart('mesh', chart);
    const found = Object.values(manifests(Template.fromStack(stack)));
    expect(found).toEqual([{ titles: synthesized(chart).map(title), after: [] }]);
    const at = (wanted: string) => found[0]?.titles.indexOf(wanted) ?? -1;
    const order = [
      'Namespace/istio-system',
      'CustomResourceDefinition/virtualservices.networking.istio.io',
      'Deployment/istio-system/istiod',
      'MutatingWebhookConfiguration/istio-sidecar-injector',
      'VirtualService/shop/reviews',
    ].map(at);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBe(0);
  });

  test('adds nothing but its label for pruning to the objects', () => {
    const { stack, cluster } = newStack();
    const chart = new Chart(new App(), 'policies');
    new TrafficPolicy(chart, 'reviews', { namespace: 'shop', host: 'reviews', routes: [{ to: [Destination.host()] }] });
    cluster.addCdk8sChart('policies', chart);
    const [resource] = Object.values(Template.fromStack(stack).findResources(MANIFEST)) as Resource[];
    const [applied] = JSON.parse(resource?.Properties.Manifest ?? '[]') as Manifest[];
    const { labels, ...metadata } = applied?.metadata ?? { name: '' };
    expect([{ ...applied, metadata }]).toEqual(synthesized(chart));
    expect(Object.keys(labels ?? {})).toEqual([expect.stringMatching(/^aws\.cdk\.eks\/prune-/)]);
  });

  test('charts of one cdk8s App know of each other, and a dependency puts their manifests in order', () => {
    const { stack, cluster } = newStack();
    const app = new App();
    const [istio, shop] = [new Chart(app, 'istio'), new Chart(app, 'shop')];
    policies(shop);
    fakeModule(istio, { namespace: 'mesh-system', mutualTls: false });
    const before = cluster.addCdk8sChart('istio', istio);
    cluster.addCdk8sChart('shop', shop).node.addDependency(before);
    const found = manifests(Template.fromStack(stack));
    const [[first, control] = [], [, after] = []] = Object.entries(found);
    expect(control?.titles).toContain('Deployment/mesh-system/istiod');
    expect(control?.titles).not.toContain('Namespace/shop');
    expect(after).toEqual({
      titles: ['PeerAuthentication/mesh-system/default', 'Namespace/shop', 'VirtualService/shop/reviews'],
      after: [first],
    });
  });

  test('a chart in another App does not know the mesh, and says what to write', () => {
    const { cluster } = newStack();
    fakeModule(new Chart(new App(), 'istio'));
    const chart = new Chart(new App(), 'policies');
    new StrictPeerAuthentication(chart, 'strict');
    expect(() => cluster.addCdk8sChart('policies', chart)).toThrow(/policies\/strict.*rootNamespace/);
  });

  test('a chart below a Stack, where cdk8s cannot synthesize, is refused', () => {
    const { stack } = newStack();
    const chart = new Chart(stack, 'mesh');
    expect(() => new MeshNamespace(chart, 'shop', { name: 'shop' })).toThrow(
      "MeshNamespace stack/mesh/shop: no cdk8s App contains Chart 'mesh': write new Chart(new App(), 'mesh'), with App from cdk8s",
    );
  });

  test('addMesh applies the CRDs, the control plane, and the policies once its webhooks answer', () => {
    const { stack, cluster } = newStack();
    const chart = new Chart(new App(), 'mesh');
    policies(chart);
    fakeModule(chart, { mutualTls: false });
    const workloads = cluster.addManifest('workloads', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
    });
    workloads.node.addDependency(addMesh(stack, cluster, chart));
    const template = Template.fromStack(stack);
    const found = manifests(template);
    const idOf = (wanted: string) => Object.keys(found).find((id) => found[id]?.titles.includes(wanted)) ?? wanted;
    const [crd, istiod, policy, last] = [
      'CustomResourceDefinition/virtualservices.networking.istio.io',
      'Deployment/istio-system/istiod',
      'VirtualService/shop/reviews',
      'ConfigMap/a',
    ].map(idOf);
    const [ready = ''] = Object.keys(template.findResources(VALUE));
    expect(found[crd ?? '']?.titles).toHaveLength(1);
    expect(found[istiod ?? '']?.after).toEqual([crd]);
    expect(template.findResources(VALUE)[ready]).toMatchObject({
      DependsOn: expect.arrayContaining([istiod]) as string[],
    });
    expect(found[policy ?? '']?.after).toEqual([ready]);
    expect(found[policy ?? '']?.titles).toEqual([
      'PeerAuthentication/istio-system/default',
      'VirtualService/shop/reviews',
    ]);
    expect(found[last ?? '']?.after).toEqual([policy]);
    const applied = Object.values(found).flatMap(({ titles }) => titles);
    expect(applied.sort()).toEqual([...synthesized(chart).map(title), 'ConfigMap/a'].sort());
  });
});
