import { readInjectors, readIstiods } from '../../../lib/engine/istio/control-planes';
import { meshNamespace, namespace, type ClusterObject } from '../cluster-builder';
import { FakeCluster } from '../fake-cluster';

function configuration(name: string, labels: Record<string, string>, webhooks: object[]): ClusterObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name, uid: `uid-${name}`, labels },
    webhooks,
  };
}

const enabled = { matchLabels: { 'istio-injection': 'enabled' } };
const webhook = (name: string, namespaceSelector: object, objectSelector: object = {}, caBundle = 'Q0E=') => ({
  name,
  clientConfig: { caBundle },
  namespaceSelector,
  objectSelector,
});
const INJECTION = 'namespace.sidecar-injector.istio.io';

describe('the control planes of a cluster', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
  });

  async function injectors(objects: readonly ClusterObject[]) {
    cluster = await FakeCluster.start(objects);
    return readInjectors(await cluster.server.api());
  }

  test('have no injector when no webhook is one of injection', async () => {
    expect(await injectors([configuration('other', {}, [webhook('validation.example.com', {})])])).toEqual([]);
  });

  test('are probed where their webhook selects a namespace that istiod injects', async () => {
    const system = meshNamespace('kube-system');
    const ending = { ...meshNamespace('bank'), status: { phase: 'Terminating' } };
    const objects = [system, ending, namespace('plain'), meshNamespace('shop')];
    const [injector] = await injectors([...objects, configuration('istio', {}, [webhook(INJECTION, enabled)])]);
    expect(injector).toEqual({
      revision: 'default',
      webhookConfiguration: 'istio',
      places: [{ namespace: 'shop', labels: {} }],
      hasCaBundle: true,
    });
  });

  test('are probed with the labels that their webhook selects', async () => {
    const byPod = { matchExpressions: [{ key: 'istio.io/rev', operator: 'In', values: ['canary'] }] };
    const [injector] = await injectors([
      namespace('plain'),
      configuration('istio-canary', { 'istio.io/rev': 'canary' }, [webhook(INJECTION, {}, byPod, '')]),
    ]);
    expect(injector).toEqual({
      revision: 'canary',
      webhookConfiguration: 'istio-canary',
      places: [{ namespace: 'plain', labels: { 'istio.io/rev': 'canary' } }],
      hasCaBundle: false,
    });
  });

  test('are not probed where nothing is selected', async () => {
    const [injector] = await injectors([namespace('plain'), configuration('istio', {}, [webhook(INJECTION, enabled)])]);
    expect(injector?.places).toEqual([]);
  });

  test('are one for each revision, though a tag has a webhook of its own', async () => {
    const labels = { 'istio.io/rev': 'canary' };
    const found = await injectors([
      meshNamespace('shop'),
      configuration('istio-canary', labels, [webhook(INJECTION, { matchLabels: { 'istio.io/rev': 'canary' } })]),
      configuration('istio-revision-tag-default', labels, [webhook(INJECTION, enabled)]),
    ]);
    expect(found.map(({ webhookConfiguration }) => webhookConfiguration)).toEqual(['istio-revision-tag-default']);
  });

  test('have the ConfigMaps of their revision', async () => {
    const istiod = (name: string, labels: Record<string, string>): ClusterObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'istio-system', uid: name, labels: { app: 'istiod', ...labels } },
    });
    const configMap = (name: string): ClusterObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'istio-system', uid: name },
    });
    cluster = await FakeCluster.start([
      istiod('istiod', { 'istio.io/rev': 'default' }),
      istiod('istiod-canary', { 'istio.io/rev': 'canary' }),
      ...['istio', 'istio-sidecar-injector', 'istio-canary'].map(configMap),
    ]);
    const found = await readIstiods(await cluster.server.api());
    expect(
      found.map(({ revision, injectorConfigMap, meshConfigMap }) => [
        revision,
        injectorConfigMap?.metadata.name,
        meshConfigMap?.metadata.name,
      ]),
    ).toEqual([
      ['default', 'istio-sidecar-injector', 'istio'],
      ['canary', undefined, 'istio-canary'],
    ]);
  });
});
