import { inspectMesh } from 'istio-module/engine';
import { deployment, IMAGE, istiodService, meshNamespace, pod, type ClusterObject } from '../cluster-builder';
import { refusal, type FakeAnswer, type FakeRequest } from '../fake-api-server';
import { FakeCluster } from '../fake-cluster';
import { WEBHOOK } from '../fake-mesh';
import { schemaProblems } from '../../cli/schema-problems';

const ISTIOD: ClusterObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'istiod', namespace: 'istio-system', uid: 'uid-istiod', generation: 1 },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'istiod' } },
    template: {
      metadata: { labels: { app: 'istiod' } },
      spec: { containers: [{ name: 'discovery', image: 'pilot:1.30.0' }] },
    },
  },
  status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
};
const istiodPod = (name: string, phase?: string, tag = '1.31.1') =>
  pod(name, {
    namespace: 'istio-system',
    labels: { app: 'istiod' },
    phase,
    spec: {
      containers: [
        { name: 'extra', image: 'extra:1.2.3' },
        { name: 'discovery', image: `pilot:${tag}` },
      ],
    },
  });
const istio = (apiVersion: string, kind: string, name: string, spec: object): ClusterObject => ({
  ...{ apiVersion, kind, metadata: { name, namespace: 'shop', uid: `uid-${name}` }, spec },
});

describe('inspectMesh', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
  });

  /** A cluster with these kinds of Istio, as `group/version: [plural, kind]`. */
  async function start(
    objects: readonly ClusterObject[],
    kinds: Readonly<Record<string, readonly (readonly [string, string])[]>> = {},
    refuse: (request: FakeRequest) => FakeAnswer | undefined = () => undefined,
  ) {
    const intercept = (request: FakeRequest): FakeAnswer | undefined => {
      const { path } = request;
      if (path === '/apis') {
        const groups = Object.keys(kinds).map((groupVersion) => ({
          name: groupVersion.split('/')[0],
          versions: [{ groupVersion }],
        }));
        return { body: { groups } };
      }
      const resources = kinds[path.replace('/apis/', '')];
      if (resources) {
        return { body: { resources: resources.map(([name, kind]) => ({ name, kind, verbs: ['list'] })) } };
      }
      const [, group, plural] = /^\/apis\/(.+\.istio\.io\/[^/]+)\/(.+)$/.exec(path) ?? [];
      if (group && !kinds[group]?.some(([name]) => name === plural)) {
        return refusal(404, 'NotFound', path);
      }
      if (plural === 'peerauthentications') {
        return { body: { items: objects.filter(({ kind }) => kind === 'PeerAuthentication') } };
      }
      return refuse(request);
    };
    cluster = await FakeCluster.start(objects, { intercept });
    return { kubeconfig: cluster.server.kubeconfig };
  }

  test('returns an inspection that agrees with the schema', async () => {
    const objects = [
      ISTIOD,
      istiodService(),
      istiodPod('istiod-1'),
      pod('mine-1', {
        namespace: 'shop',
        labels: { app: 'istiod' },
        spec: { containers: [{ name: 'discovery', image: 'pilot:1.20.0' }] },
      }),
      istiodPod('istiod-0', 'Failed', '1.30.0'),
      WEBHOOK,
      meshNamespace('shop'),
      meshNamespace('istio-system'),
      ...deployment('cart', { proxies: [IMAGE] }),
      istio('security.istio.io/v1beta1', 'PeerAuthentication', 'default', { mtls: { mode: 'PERMISSIVE' } }),
      istio('networking.istio.io/v1', 'VirtualService', 'reviews', {}),
    ];
    const options = await start(objects, {
      'networking.istio.io/v1': [['virtualservices', 'VirtualService']],
      'security.istio.io/v1beta1': [['peerauthentications', 'PeerAuthentication']],
    });
    const inspection = await inspectMesh(options);
    expect(schemaProblems('check', inspection)).toEqual([]);
    expect(inspection).toMatchObject({
      schemaVersion: 1,
      cluster: 'fake',
      purposes: ['upgrade', 'uninstall'],
      summary: { controlPlanes: 1, proxies: 1, errors: 2 },
      controlPlanes: [{ versions: ['1.31.1'] }],
      resources: [
        { group: 'security.istio.io', kind: 'PeerAuthentication', namespace: 'shop', name: 'default', foreign: true },
        { group: 'networking.istio.io', kind: 'VirtualService', namespace: 'shop', name: 'reviews', foreign: true },
      ],
    });
    expect(inspection.findings.map(({ code }) => code)).toContain('PlainTextNamespace');
    expect(cluster?.server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('works without Istio’s CRDs', async () => {
    const options = await start([ISTIOD, istiodService(), istiodPod('istiod-1'), WEBHOOK, meshNamespace('shop')]);
    const inspection = await inspectMesh({ ...options, purpose: 'uninstall' });
    expect([inspection.findings, inspection.resources, schemaProblems('check', inspection)]).toEqual([[], [], []]);
  });

  test('looks at a control plane whose injection webhooks are deleted already', async () => {
    const validation: ClusterObject = {
      ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
      metadata: { name: 'istio-validator-istio-system', uid: 'uid-validator' },
      webhooks: [
        {
          name: 'rev.validation.istio.io',
          clientConfig: { service: { name: 'istiod', namespace: 'istio-system' } },
        },
      ],
    };
    const options = await start([ISTIOD, istiodService(), istiodPod('istiod-1'), validation, meshNamespace('shop')]);
    expect((await inspectMesh(options)).controlPlanes).toMatchObject([{ name: 'istiod', versions: ['1.31.1'] }]);
  });

  test('says so where Istio is not installed', async () => {
    await expect(inspectMesh(await start([meshNamespace('shop')]))).rejects.toMatchObject({
      code: 'InjectorMissing',
      message:
        'Istio is not installed in the cluster of context "fake": there is no injection webhook, and no validation webhook that refers to a control plane; check the context; to remove sidecars that an uninstall left behind, run istio-module remove.',
    });
  });

  test('says which permission it lacks', async () => {
    const message = 'pods is forbidden: User "ci" cannot list resource "pods" in API group "" at the cluster scope';
    const options = await start([ISTIOD, istiodService(), WEBHOOK], {}, ({ path }) =>
      path === '/api/v1/pods' ? refusal(403, 'Forbidden', message) : undefined,
    );
    await expect(inspectMesh(options)).rejects.toMatchObject({
      code: 'Forbidden',
      message: `The cluster refuses GET /api/v1/pods: ${message}; grant the verb list on pods, as a SidecarRestartAccess does, unless it has uninstall: false (see Permissions in the README).`,
    });
  });

  test.each([
    [{ target: 'latest' }, '"latest" is not a version of Istio; write a version such as 1.31.1.'],
    [
      { target: '1.32.0', purpose: 'uninstall' as const },
      'The target 1.32.0 does not apply to an uninstall; remove target, or set purpose to upgrade.',
    ],
  ])('refuses %j before it asks any cluster', async (options, message) => {
    await expect(inspectMesh({ kubeconfig: '/nowhere', ...options })).rejects.toMatchObject({
      code: 'InvalidOption',
      message,
    });
  });
});
