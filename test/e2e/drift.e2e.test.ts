import { planRestarts, restartWorkloads, type RestartOptions } from 'istio-module/engine';
import { type KubeObject, type ObjectReference, until } from '../control-plane/kube-client';
import { MeshCluster } from './mesh-cluster';
import { isPodReady, podsOf, type RunningPod } from './pods-of';
import { rolledBetween } from './rolled-between';

const MINUTES = 60_000;
const IMAGE = 'docker.io/istio/proxyv2:1.31.1-distroless';
const OTHER_IMAGE = 'registry.example/proxyv2:1.31.1-patched';
const WEBHOOKS: ObjectReference = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'istio-sidecar-injector' },
};

describe('drift', () => {
  let cluster: MeshCluster;
  let options: RestartOptions;
  let bare: string;
  let patched: string;

  /** A pod that is deleted while there is no injection is replaced by one without a sidecar. */
  async function replaceWithoutWebhook(): Promise<string> {
    const { webhooks } = await cluster.client.get<KubeObject & { readonly webhooks: readonly object[] }>(WEBHOOKS);
    const letThrough = (failurePolicy: string) =>
      cluster.client.patch(WEBHOOKS, { webhooks: webhooks.map((webhook) => ({ ...webhook, failurePolicy })) });
    const before = await podsOf(cluster.client, 'shop', 'cart');
    const uids = new Set(before.map(({ metadata }) => metadata.uid));
    const [first] = before;
    await cluster.istiod.stop();
    await letThrough('Ignore');
    try {
      await cluster.client.delete(first as RunningPod);
      let fresh: RunningPod | undefined;
      await until(
        async () => {
          const pods = await podsOf(cluster.client, 'shop', 'cart');
          fresh = pods.find((pod) => !uids.has(pod.metadata.uid) && isPodReady(pod));
          return fresh !== undefined;
        },
        'the deleted pod of cart being replaced',
        { timeoutSeconds: 60 },
      );
      return fresh?.metadata.name ?? '';
    } finally {
      await letThrough('Fail');
      await cluster.istiod.restart();
    }
  }

  /** What `kubectl set image pod/…` does: the image can be changed in a running pod. */
  async function patchSidecar(): Promise<string> {
    const [pod] = await podsOf(cluster.client, 'shop', 'db');
    const { apiVersion, kind, metadata, spec } = pod as RunningPod & {
      readonly spec: { readonly initContainers: readonly { readonly name: string }[] };
    };
    const initContainers = spec.initContainers.map((container) =>
      container.name === 'istio-proxy' ? { ...container, image: OTHER_IMAGE } : container,
    );
    await cluster.client.patch({ apiVersion, kind, metadata }, { spec: { initContainers } });
    return metadata.name;
  }

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
    options = {
      kubeconfig: cluster.controlPlane.kubeconfig,
      namespaces: ['shop'],
      injector: { deadlineSeconds: 60, settleSeconds: 1, probes: 2 },
      timeoutSeconds: 120,
    };
    await restartWorkloads(options);
    bare = await replaceWithoutWebhook();
    patched = await patchSidecar();
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  it(
    'is in the plan: the pod that was created while the webhook was down, and the sidecar that someone changed',
    async () => {
      const { workloads } = await planRestarts(options);
      expect(workloads.filter(({ decision }) => decision === 'restart')).toMatchObject([
        { name: 'cart', message: '1 of 3 pods lacks the sidecar that the injector adds', pods: [bare] },
        {
          name: 'db',
          message: `1 of 2 pods out of date (istio-proxy.image ${OTHER_IMAGE} → ${IMAGE})`,
          pods: [patched],
          differences: [{ path: 'istio-proxy.image', old: OTHER_IMAGE, new: IMAGE }],
        },
      ]);
    },
    2 * MINUTES,
  );

  it(
    'is gone after a run, which touches nothing else',
    async () => {
      const before = await cluster.workloads();
      const report = await restartWorkloads(options);
      expect(report.restarted.map(({ name }) => name)).toEqual(['cart', 'db']);
      const after = await cluster.workloads();
      expect(rolledBetween(before, after)).toEqual(['Deployment/shop/cart', 'StatefulSet/shop/db']);
      expect(
        new Set(
          ['Deployment/shop/cart', 'StatefulSet/shop/db'].flatMap((name) =>
            after[name]?.pods.map(({ image }) => image),
          ),
        ),
      ).toEqual(new Set([IMAGE]));
      const { workloads } = await planRestarts(options);
      expect(workloads.filter(({ decision }) => decision === 'restart')).toEqual([]);
    },
    3 * MINUTES,
  );
});
