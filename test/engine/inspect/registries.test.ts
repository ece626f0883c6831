import { daemonSet, deployment, meshNamespace, type ClusterObject } from '../cluster-builder';
import { findingsOf, type MeshSketch } from './inspection-of';

const RETIRED = ['gcr.io/istio-release', 'registry.istio.io/release'] as const;
const WHY = 'which Istio shuts down in December 2026, and which does not provide Istio 1.31 or later';
const CHANGE_HUB = 'set hub to docker.io/istio, or to a mirror of your own, and upgrade Istio';
const old = (image: string) => `gcr.io/istio-release/${image}:1.30.4`;

const found = (kind: string, namespace: string, name: string, what: string, registry: string, remedy: string) => ({
  code: 'RetiredRegistry',
  severity: 'warning',
  blocks: [],
  object: { kind, namespace, name },
  message: `${kind} ${namespace}/${name} has ${what} from the registry ${registry}, ${WHY}`,
  remedy,
});

const registries = (sketch: MeshSketch) => findingsOf('RetiredRegistry', sketch);
const mesh = (objects: readonly ClusterObject[], sketch: MeshSketch = {}): MeshSketch => ({
  objects: [meshNamespace('shop'), ...objects],
  ...sketch,
});

describe('retired registries', () => {
  test.each(RETIRED)('are found in istiod and in its proxies, of which the hub comes first: %s', async (hub) => {
    const proxy = `${hub}/proxyv2:1.30.4`;
    const objects = [...deployment('cart', { proxies: [proxy, proxy] }), ...deployment('web', { proxies: [proxy] })];
    expect(await registries(mesh(objects, { istiods: [{ hub, tag: '1.30.4' }] }))).toEqual([
      found('Deployment', 'istio-system', 'istiod', 'an istiod image', hub, CHANGE_HUB),
      found(
        ...(['Deployment', 'shop', 'cart', '2 proxies', hub] as const),
        `${CHANGE_HUB}, then: kubectl -n shop rollout restart deployment/cart`,
      ),
      found(
        ...(['Deployment', 'shop', 'web', '1 proxy', hub] as const),
        `${CHANGE_HUB}, then: kubectl -n shop rollout restart deployment/web`,
      ),
    ]);
  });

  test('need only a restart where the control plane comes from elsewhere', async () => {
    expect(await registries(mesh(deployment('cart', { proxies: [old('proxyv2')] })))).toEqual([
      found(
        ...(['Deployment', 'shop', 'cart', '1 proxy', 'gcr.io/istio-release'] as const),
        'kubectl -n shop rollout restart deployment/cart',
      ),
    ]);
  });

  test('are found in a control plane whose pods are older than its template', async () => {
    const istiods = [{ hub: 'registry.istio.io/release', revision: 'canary', name: 'istiod-canary', pods: [] }, {}];
    expect(await registries({ istiods })).toMatchObject([{ object: { name: 'istiod-canary' } }]);
  });

  test('have the annotation as the remedy for a proxy that chose its own image', async () => {
    const annotations = { 'sidecar.istio.io/proxyImage': old('proxyv2') };
    const objects = deployment('cart', { proxies: ['registry.example/proxyv2:1.31.1'], template: { annotations } });
    expect(await registries(mesh(objects))).toMatchObject([
      { remedy: 'change or remove its annotation sidecar.istio.io/proxyImage, and restart it' },
    ]);
  });

  test('are found in what names its image itself, such as the CNI node agent', async () => {
    const template = { spec: { containers: [{ name: 'install-cni', image: old('install-cni') }] } };
    const objects = daemonSet('istio-cni-node', { namespace: 'shop', proxies: [undefined], template });
    expect(await registries(mesh(objects))).toEqual([
      found(
        ...(['DaemonSet', 'shop', 'istio-cni-node', 'an image', 'gcr.io/istio-release'] as const),
        `if Istio's charts create it, ${CHANGE_HUB}; otherwise change its image`,
      ),
    ]);
  });

  test.each([
    ['an overlay, which the injector keeps', {}],
    ['written by kube-inject', { annotations: { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' } }],
  ])('are found in a sidecar of the template, which no restart changes: %s', async (_, metadata) => {
    const image = old('proxyv2');
    const containers = [
      { name: 'app', image: 'app' },
      { name: 'istio-proxy', image },
    ];
    const objects = deployment('cart', { proxies: [image], template: { ...metadata, spec: { containers } } });
    expect(await registries(mesh(objects))).toEqual([
      found(
        ...(['Deployment', 'shop', 'cart', 'an image of istio-proxy in its pod template'] as const),
        'gcr.io/istio-release',
        "change the images of Istio's containers in its pod template",
      ),
    ]);
  });

  test('need only a restart in a gateway that istiod writes', async () => {
    const image = old('proxyv2');
    const template = {
      labels: { 'gateway.istio.io/managed': 'istio.io-gateway-controller' },
      spec: { containers: [{ name: 'istio-proxy', image }] },
    };
    expect(await registries(mesh(deployment('gate', { proxies: [image], template })))).toMatchObject([
      { remedy: 'kubectl -n shop rollout restart deployment/gate' },
    ]);
  });

  test.each([
    'docker.io/istio/proxyv2:1.30.4',
    'mirror.example.com/gcr.io/istio-release/proxyv2:1.30.4',
    'gcr.io/istio-released/proxyv2:1.30.4',
    'registry.istio.io/testing/proxyv2:1.30.4',
  ])('are not found in %s', async (image) => {
    expect(await registries(mesh(deployment('cart', { proxies: [image] })))).toEqual([]);
  });
});
