import type { Container, Pod } from '../../../lib/engine/cluster/objects';
import type { Manifest } from '../../../lib/engine/plan/prediction/manifest';
import { predictRestarts } from '../../../lib/engine/run/predict-restarts';
import type { PredictionOptions } from '../../../lib/engine/run/predicted-plan';
import type { RestartPlan } from '../../../lib/engine/plan/plan';
import {
  deployment,
  IMAGE,
  injected,
  istiodService,
  namespace,
  OLD_IMAGE,
  owner,
  type ClusterObject,
} from '../cluster-builder';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { BROKEN_CANARY, optionsFor, startMesh, WEBHOOK } from '../fake-mesh';
import { FAKE_ISTIOCTL, Scratch } from '../plan/prediction/offline-mesh';
import { injectedNow, relayed } from '../relayed-injector';

const FOR_EXACT = 'with --istioctl or the environment variable ISTIOCTL.';
const DIGEST = 'pilot@sha256:abc';

let cluster: FakeCluster;
let scratch: Scratch;
const { PATH, ISTIOCTL } = process.env;

beforeEach(async () => {
  scratch = await Scratch.make();
  // No istioctl is found except those that are named.
  process.env.PATH = scratch.path;
  Reflect.deleteProperty(process.env, 'ISTIOCTL');
});

afterEach(async () => {
  await cluster.close();
  expect(await scratch.leftovers()).toEqual([]);
  await scratch.remove();
  process.env.PATH = PATH;
  if (ISTIOCTL !== undefined) process.env.ISTIOCTL = ISTIOCTL;
});

const configMap = (name: string, data: Record<string, string>): ClusterObject & Manifest => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', data },
  metadata: { name, namespace: 'istio-system', uid: name },
});

const injector = (hub: string) =>
  configMap('istio-sidecar-injector', {
    config: '{"templates":{"sidecar":"{{ .Values.global.hub }}"}}',
    values: JSON.stringify({ global: { hub, tag: '1.31.1' } }),
  });

const istiod = (image: string): ClusterObject[] =>
  deployment('istiod', {
    ...{ namespace: 'istio-system', labels: { app: 'istiod' } },
    template: { labels: { app: 'istiod' }, spec: { containers: [{ name: 'discovery', image }] } },
    proxies: [],
  });

const controlPlane = (image = 'pilot:1.31.1') => [
  namespace('istio-system'),
  istiodService(),
  ...istiod(image),
  injector('registry.example'),
  configMap('istio', { mesh: '{}' }),
];

const workloads = [
  ...deployment('cart', { proxies: [IMAGE] }),
  ...deployment('orders', { proxies: [IMAGE] }),
  namespace('legacy'),
  ...deployment('ledger', { namespace: 'legacy', proxies: [undefined] }),
];

async function predict(
  objects: readonly ClusterObject[],
  manifests: readonly unknown[],
  options: PredictionOptions = {},
  behaviour: FakeClusterOptions = {},
): Promise<RestartPlan> {
  cluster = await startMesh([...objects, ...workloads], behaviour);
  // The fake istioctl needs the Node of the original PATH.
  process.env.PATH = options.istioctl === undefined ? scratch.path : `${scratch.path}:${PATH ?? ''}`;
  return predictRestarts({ ...optionsFor(cluster), ...options }, manifests as readonly Manifest[]);
}

const decisions = ({ workloads: all }: RestartPlan) => all.map(({ name, decision }) => `${name} ${decision}`);

describe('predictRestarts', () => {
  test('is exact with istioctl of the version', async () => {
    const plan = await predict(controlPlane(), [injector('other.example')], { istioctl: FAKE_ISTIOCTL.path });
    expect(plan.bound).toBeUndefined();
    expect(plan.workloads.map(({ name, differences }) => [name, differences])).toEqual(
      ['cart', 'orders'].map((name) => [
        name,
        [{ path: 'istio-proxy.image', old: IMAGE, new: 'other.example/proxyv2:1.31.1' }],
      ]),
    );
  });

  test('does not decide about a workload whose pods istioctl cannot inject', async () => {
    const odd = deployment('odd', { proxies: [IMAGE], template: { annotations: { 'fake/refused': 'no template' } } });
    const plan = await predict([...controlPlane(), ...odd], [injector('other.example')], {
      istioctl: FAKE_ISTIOCTL.path,
    });
    expect(plan.workloads.find(({ name }) => name === 'odd')).toMatchObject({
      decision: 'undetermined',
      message: 'its sidecar cannot be predicted, since istioctl cannot inject its pods: no template',
      remedy: 'kubectl -n shop get deployment/odd -o yaml',
    });
    expect(decisions(plan)).toContain('cart restart');
  });

  test('is exact without istioctl where nothing that reaches pods changes', async () => {
    const plan = await predict(controlPlane(), [configMap('istio', { mesh: 'accessLogFile: /dev/stdout' })]);
    expect(plan.bound).toBeUndefined();
    expect(decisions(plan)).toEqual(['cart current', 'orders current']);
  });

  test('counts what the injector does not cause for none of the pods with different templates', async () => {
    const limited = <T extends Pod>(pod: T): T => ({ ...pod, spec: { ...pod.spec, ...withLimits(pod) } });
    const proxies = [OLD_IMAGE, IMAGE];
    const [set, first, second] = owner('core.strimzi.io/v1beta2', 'StrimziPodSet', 'kafka', { proxies });
    const other = withImage(second as ClusterObject & Pod, 'app:2');
    const plan = await predict(
      [...controlPlane(), set, limited(first as ClusterObject & Pod), other] as ClusterObject[],
      [configMap('istio', { mesh: 'accessLogFile: /dev/stdout' })],
      {},
      { inject: (asked) => limited(injectedNow(asked)), intercept: relayed(injectedNow) },
    );
    const kafka = plan.workloads.find(({ name }) => name === 'kafka');
    expect(kafka?.differences.map(({ path }) => path)).toEqual(['istio-init.image', 'istio-proxy.image']);
    expect(kafka?.pods).toEqual([(first as ClusterObject).metadata.name]);
  });

  test('is exact without istioctl where pods come into the mesh, or leave it', async () => {
    const into = namespace('legacy', { 'istio-injection': 'enabled' });
    const outOf = namespace('shop', { 'istio-injection': 'disabled' });
    const plan = await predict(controlPlane(), [into, outOf]);
    expect(plan.bound).toBeUndefined();
    expect(decisions(plan)).toEqual(['ledger restart', 'cart restart', 'orders restart']);
  });

  test('does not wait for a control plane that injects none of the workloads', async () => {
    const plan = await predict([...controlPlane(), ...BROKEN_CANARY], []);
    expect(decisions(plan)).toEqual(['cart current', 'orders current']);
  });

  test('waits for a control plane that injects one of the workloads', async () => {
    const edge = [
      namespace('edge', { 'istio.io/rev': 'canary' }),
      ...deployment('proxy', { namespace: 'edge', proxies: [IMAGE] }),
    ];
    await expect(predict([...controlPlane(), ...BROKEN_CANARY, ...edge], [])).rejects.toMatchObject({
      code: 'ControlPlaneNotReady',
    });
  });

  test('is a bound without istioctl', async () => {
    const plan = await predict(controlPlane(), [injector('other.example')]);
    expect(decisions(plan)).toEqual(['cart restart', 'orders restart']);
    expect(plan.bound?.message).toBe(
      `At most these workloads restart, since istioctl was not found. The plan treats the sidecars of all 2 workloads with a changed injector configuration as changed, although some may stay the same. For the exact list, pass istioctl 1.31.1 ${FOR_EXACT}`,
    );
  });

  test('contains workloads with a label for injection that another webhook adds to their pods', async () => {
    const labels = { 'sidecar.istio.io/inject': 'true' };
    const [webhook] = WEBHOOK.webhooks as readonly object[];
    const selecting = {
      ...WEBHOOK,
      metadata: { ...WEBHOOK.metadata, name: 'istio-object', uid: 'uid-object' },
      webhooks: [{ ...webhook, namespaceSelector: {}, objectSelector: { matchLabels: labels } }],
    };
    const outside = [namespace('out'), ...deployment('labelled', { namespace: 'out', proxies: [IMAGE] })];
    cluster = await startMesh([...controlPlane(), selecting, ...outside], {
      inject: (asked) =>
        injected({ ...asked, metadata: { ...asked.metadata, labels: { ...asked.metadata.labels, ...labels } } }, IMAGE),
    });
    expect(decisions(await predictRestarts(optionsFor(cluster), []))).toEqual(['labelled current']);
    expect(decisions(await predictRestarts(optionsFor(cluster), [injector('other.example')]))).toEqual([
      'labelled restart',
    ]);
  });

  test('is a bound with istioctl of another version', async () => {
    const manifests = [istiod('pilot:1.31.2')[0], injector('other.example')];
    const plan = await predict(controlPlane(), manifests, { istioctl: FAKE_ISTIOCTL.path });
    expect(decisions(plan)).toEqual(['cart restart', 'orders restart']);
    expect(plan.bound?.message).toBe(
      `At most these workloads restart, since revision default will be Istio 1.31.2, but istioctl at ${FAKE_ISTIOCTL.path} has version 1.31.1. The plan treats the sidecars of all 2 workloads with a changed injector configuration as changed, although some may stay the same. For the exact list, pass istioctl 1.31.2 ${FOR_EXACT}`,
    );
  });

  test('is a bound where a template reads a variable that istioctl is not given', async () => {
    const config = '{"templates":{"sidecar":"{{ env \\"GREETING\\" }}"}}';
    const template = configMap('istio-sidecar-injector', { config, values: '{"global":{"tag":"1.31.1"}}' });
    const greeting = (value: string) =>
      deployment('istiod', {
        ...{ namespace: 'istio-system', labels: { app: 'istiod' }, proxies: [] },
        template: {
          labels: { app: 'istiod' },
          spec: {
            containers: [{ name: 'discovery', image: 'pilot:1.31.1', env: [{ name: 'GREETING', value }] }],
          },
        },
      });
    const objects = [
      namespace('istio-system'),
      istiodService(),
      ...greeting('good morning'),
      template,
      configMap('istio', { mesh: '{}' }),
    ];
    const plan = await predict(objects, [greeting('good night')[0]], { istioctl: FAKE_ISTIOCTL.path });
    expect(decisions(plan)).toEqual(['cart restart', 'orders restart']);
    expect(plan.bound?.message).toBe(
      "At most these workloads restart, since a template of revision default reads istiod's environment variable GREETING, which is not passed to istioctl. The plan treats the sidecars of all 2 workloads with a changed injector configuration as changed, although some may stay the same. For the exact list, rename it so that it begins with ISTIO_.",
    );
  });

  test.each([undefined, FAKE_ISTIOCTL.path])(
    'is a bound where the version is unknown (istioctl %s)',
    async (istioctl) => {
      const plan = await predict(controlPlane(DIGEST), [injector('other.example')], { istioctl });
      expect(decisions(plan)).toEqual(['cart restart', 'orders restart']);
      expect(plan.bound?.message).toBe(
        `At most these workloads restart, since the Istio version of revision default is unknown. The plan treats the sidecars of all 2 workloads with a changed injector configuration as changed, although some may stay the same. For the exact list, set the label app.kubernetes.io/version on istiod's Deployment, and pass an istioctl of that version ${FOR_EXACT}`,
      );
    },
  );

  test('is a bound where istiod alone is of another version', async () => {
    const plan = await predict(controlPlane(), [istiod('pilot:1.31.2')[0]]);
    expect(decisions(plan)).toEqual(['cart restart', 'orders restart']);
    expect(plan.workloads[0]?.differences).toEqual([{ path: 'istiod.version', old: '1.31.1', new: '1.31.2' }]);
    expect(plan.bound).toBeDefined();
  });

  test('knows who comes into the mesh of a control plane outside of the cluster', async () => {
    const plan = await predict([], [namespace('legacy', { 'istio-injection': 'enabled' })]);
    expect(decisions(plan)).toEqual(['ledger restart', 'cart current', 'orders current']);
    expect(plan.bound).toBeUndefined();
  });

  test('selects by the labels that workloads are to have', async () => {
    const [cart] = deployment('cart', { labels: { tier: 'web' } });
    const manifests = [{ ...cart, spec: {} }, injector('other.example')];
    const plan = await predict(controlPlane(), manifests, { istioctl: FAKE_ISTIOCTL.path, selector: 'tier=web' });
    expect(decisions(plan)).toEqual(['cart restart', 'orders skip']);
  });

  test('refuses manifests that would take sidecars away', async () => {
    const webhooks = (WEBHOOK.webhooks as object[]).map((one) => ({
      ...one,
      namespaceSelector: { matchLabels: { 'istio.io/rev': 'canary' } },
    }));
    await expect(predict(controlPlane(), [{ ...WEBHOOK, webhooks }])).rejects.toMatchObject({
      code: 'SidecarsWouldBeRemoved',
      message:
        'With these manifests, 2 workloads request injection but would come back without a sidecar (Deployment shop/cart, Deployment shop/orders); check that the injection webhook of their revision is among the manifests and selects them; to take them out of the mesh, label their namespace istio-injection=disabled.',
    });
  });

  test('refuses an istioctl that cannot be run', async () => {
    const istioctl = '/no/such/istioctl';
    await expect(predict(controlPlane(), [injector('other.example')], { istioctl })).rejects.toMatchObject({
      code: 'InvalidOption',
      message: `istioctl at ${istioctl} cannot be used: spawn ${istioctl} ENOENT; pass another one with --istioctl or the environment variable ISTIOCTL.`,
    });
  });

  test('stops istioctl on request', async () => {
    const stop = new AbortController();
    const hanging = deployment('istiod', {
      ...{ namespace: 'istio-system', labels: { app: 'istiod' }, proxies: [] },
      template: {
        labels: { app: 'istiod' },
        spec: {
          containers: [
            {
              ...{ name: 'discovery', image: 'pilot:1.31.1' },
              env: [
                { name: 'ISTIO_FAKE_HANGS', value: '1' },
                { name: 'ISTIO_FAKE_LOG', value: scratch.log },
              ],
            },
          ],
        },
      },
    });
    const [mesh, ...rest] = controlPlane().filter(({ kind }) => !['Deployment', 'ReplicaSet'].includes(kind));
    const objects = [...(mesh ? [mesh] : []), ...hanging, ...rest];
    const options = { istioctl: FAKE_ISTIOCTL.path, signal: stop.signal };
    const told = expect(predict(objects, [injector('other.example')], options)).rejects.toMatchObject({
      code: 'Aborted',
      message: 'Stopped on request; run again to continue.',
    });
    await scratch.firstCall();
    stop.abort();
    await told;
  });
});

/** The containers of a pod with the limits of a LimitRange. */
function withLimits({ spec }: Pod): Partial<Pod['spec']> {
  const limit = (one: Container): Container => ({ ...one, resources: { limits: { cpu: '500m' } } });
  return { containers: spec.containers.map(limit), initContainers: spec.initContainers?.map(limit) };
}

function withImage<T extends Pod>(pod: T, image: string): T {
  const containers = pod.spec.containers.map((one) => (one.name === 'app' ? { ...one, image } : one));
  return { ...pod, spec: { ...pod.spec, containers } };
}
