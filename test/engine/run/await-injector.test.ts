import { awaitInjector, type InjectorWait } from '../../../lib/engine/run/await-injector';
import type { Pod } from '../../../lib/engine/cluster/objects';
import { refusal, type FakeAnswer } from '../fake-api-server';
import { deployment, IMAGE, injected, meshNamespace, OLD_IMAGE, type ClusterObject } from '../cluster-builder';
import { FakeCluster, type FakeClusterOptions } from '../fake-cluster';

const LONG_AGO = '2020-01-01T00:00:00Z';
const VALUES = { global: { hub: 'registry.example', tag: '1.31.1' } };

function configMap(name: string, data: Record<string, string>, changed = LONG_AGO): ClusterObject {
  const metadata = {
    name,
    namespace: 'istio-system',
    uid: `uid-${name}`,
    creationTimestamp: LONG_AGO,
    managedFields: [{ time: changed }],
  };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

function webhook(caBundle?: string): ClusterObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'istio-sidecar-injector', uid: 'uid-webhook' },
    webhooks: [
      {
        name: 'namespace.sidecar-injector.istio.io',
        clientConfig: { caBundle },
        namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
      },
    ],
  };
}

interface ControlPlane {
  readonly changed?: string;
  readonly values?: string;
  readonly mesh?: string;
  readonly caBundle?: string;
  readonly status?: object;
}

function controlPlane({ changed, values, mesh = '{}', caBundle = 'Q0E=', status }: ControlPlane = {}): ClusterObject[] {
  const istiod = deployment('istiod', { namespace: 'istio-system', proxies: [], spec: { replicas: 1 } }).map(
    (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { app: 'istiod' } },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1, ...status },
    }),
  );
  return [
    meshNamespace('shop'),
    webhook(caBundle),
    ...istiod,
    configMap('istio-sidecar-injector', { values: values ?? JSON.stringify(VALUES) }, changed),
    configMap('istio', { mesh }, changed),
  ];
}

/** Long enough on any machine for a wait that is to succeed. */
const PATIENT: InjectorWait = { deadlineSeconds: 30 };

describe('awaitInjector', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  /** How many probes were sent, and what was told. */
  async function wait(objects: readonly ClusterObject[], options: FakeClusterOptions = {}, wait: InjectorWait = {}) {
    cluster = await FakeCluster.start(objects, options);
    const api = await cluster.server.api();
    jest.spyOn(api, 'pause').mockImplementation(() => new Promise((resolve) => setTimeout(resolve, 1)));
    const told: string[] = [];
    await awaitInjector(api, { deadlineSeconds: 0.2, ...wait }, (message) => told.push(message));
    return { probes: cluster.server.requests.filter(({ method }) => method === 'POST').length, told };
  }

  test('returns after three probes in a row that agree', async () => {
    expect(await wait(controlPlane(), {}, PATIENT)).toEqual({ probes: 3, told: [] });
  });

  test('probes with a dry run, in a namespace that the webhook selects', async () => {
    await wait(controlPlane(), {}, { ...PATIENT, probes: 1 });
    const probe = cluster?.server.requests.find(({ method }) => method === 'POST');
    expect([probe?.path, probe?.query.get('dryRun')]).toEqual(['/api/v1/namespaces/shop/pods', 'All']);
  });

  test('begins to count anew when a probe finds a replica that is behind', async () => {
    let probes = 0;
    const inject = (pod: Pod) => injected(pod, ++probes === 3 ? OLD_IMAGE : IMAGE);
    expect(await wait(controlPlane(), { inject }, PATIENT)).toEqual({
      probes: 6,
      told: [
        `the injector of revision default has not taken over its configuration: image is ${IMAGE} in the ConfigMaps and ${OLD_IMAGE} in an injected pod`,
      ],
    });
  });

  const refused = (status: number, message: string) => (): FakeAnswer => refusal(status, 'No', message);

  test.each<[string, ClusterObject[], FakeClusterOptions, string, string]>([
    [
      'an injector that never takes over its configuration',
      controlPlane(),
      { inject: (pod) => injected(pod, OLD_IMAGE) },
      'InjectorOutOfDate',
      `Nothing was restarted, since after 0.2 s the injector of revision default has not taken over its configuration: image is ${IMAGE} in the ConfigMaps and ${OLD_IMAGE} in an injected pod; see istiod's log for the configuration that it refused (an unquoted number where it wants text, a field that its version does not know), correct it and run again.`,
    ],
    [
      'an istiod that rolls out',
      controlPlane({ status: { updatedReplicas: 0 } }),
      {},
      'ControlPlaneNotReady',
      'Nothing was restarted, since after 0.2 s Deployment istio-system/istiod has not finished its rollout (0 of 1 replicas updated); see why with kubectl -n istio-system describe deployment/istiod, and run again when it is available.',
    ],
    [
      'a webhook without a certificate authority',
      controlPlane({ caBundle: '' }),
      {},
      'InjectorUnreachable',
      'Nothing was restarted, since after 0.2 s istiod has not filled in the caBundle of MutatingWebhookConfiguration istio-sidecar-injector; check that istiod runs and that the API server can reach it, and run again.',
    ],
    [
      'a webhook that cannot be called',
      controlPlane(),
      { inject: refused(500, 'failed calling webhook "namespace.sidecar-injector.istio.io": connection refused') },
      'InjectorUnreachable',
      'Nothing was restarted, since after 0.2 s Istio\'s injection webhook cannot be called for namespace shop: failed calling webhook "namespace.sidecar-injector.istio.io": connection refused; check that istiod runs and that the API server can reach it, and run again.',
    ],
    [
      'a webhook that lets the probe through without a sidecar',
      controlPlane(),
      { inject: (pod) => pod },
      'InjectorUnreachable',
      'Nothing was restarted, since after 0.2 s a pod created in namespace shop to probe revision default got no sidecar, though its webhook selects it; check that istiod runs and that the API server can reach it, and run again.',
    ],
    [
      'ConfigMaps that changed just now',
      controlPlane({ changed: '2099-01-01T00:00:00Z' }),
      {},
      'InjectorOutOfDate',
      "Nothing was restarted, since after 0.2 s the injector's ConfigMaps in namespace istio-system changed less than 5 s ago; run again, with a later deadline if this lasts.",
    ],
  ])('gives up at the deadline on %s', async (_, objects, options, code, message) => {
    await expect(wait(objects, options)).rejects.toMatchObject({ code, message });
  });

  test('puts its own remedy in the place of that of a failed call, whatever the call was answered', async () => {
    const inject = refused(
      500,
      'failed calling webhook "a.sidecar-injector.istio.io": refused; check that istiod runs.',
    );
    const problem =
      'Nothing was restarted, since after 0.2 s Istio\'s injection webhook cannot be called for namespace shop: failed calling webhook "a.sidecar-injector.istio.io": refused; check that istiod runs.';
    const remedy = 'check that istiod runs and that the API server can reach it, and run again';
    await expect(wait(controlPlane(), { inject })).rejects.toMatchObject({
      problem,
      remedy,
      message: `${problem}; ${remedy}.`,
    });
  });

  test('gives up at once on a ConfigMap that nobody can read', async () => {
    await expect(wait(controlPlane({ mesh: 'a: [' }))).rejects.toMatchObject({
      code: 'InjectorOutOfDate',
      message:
        'ConfigMap istio-system/istio holds no readable YAML in its key "mesh", so istiod keeps an older configuration; correct it and run again.',
    });
  });

  test('gives up at once when RBAC denies the probe', async () => {
    const message =
      'pods is forbidden: User "me" cannot create resource "pods" in API group "" in the namespace "shop"';
    await expect(wait(controlPlane(), { inject: refused(403, message) })).rejects.toMatchObject({ code: 'Forbidden' });
  });

  test('gives up at once when there is no injection webhook', async () => {
    const without = controlPlane().filter(({ kind }) => kind !== 'MutatingWebhookConfiguration');
    await expect(wait(without)).rejects.toMatchObject({ code: 'InjectorMissing' });
  });

  test('leaves out what a ProxyConfig resource of the namespace decides', async () => {
    const proxyConfig = {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'ProxyConfig',
      metadata: { name: 'debug', namespace: 'shop', uid: 'uid-debug' },
      spec: { image: { imageType: 'debug' } },
    };
    const inject = (pod: Pod) => injected(pod, `${IMAGE}-debug`);
    expect(await wait([...controlPlane(), proxyConfig], { inject }, PATIENT)).toMatchObject({ probes: 3 });
  });
});
