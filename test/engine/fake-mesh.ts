import type { RestartOptions } from '../../lib/engine/run/restart-options';
import { deployment, istiodService, meshNamespace, type ClusterObject } from './cluster-builder';
import { FakeCluster, type FakeClusterOptions } from './fake-cluster';

/** An injection webhook that istiod has filled in. */
export const WEBHOOK: ClusterObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'istio-sidecar-injector', uid: 'uid-webhook', labels: { 'istio.io/rev': 'default' } },
  webhooks: [
    {
      name: 'namespace.sidecar-injector.istio.io',
      clientConfig: { caBundle: 'Q0E=', service: { name: 'istiod', namespace: 'istio-system' } },
      namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    },
  ],
};
/** The name of the webhook configuration of {@link brokenCanary}. */
export const CANARY_INJECTOR = 'istio-sidecar-injector-canary';
/** The labels of {@link brokenCanary}. */
export const CANARY = { 'istio.io/rev': 'canary' };

/** A control plane that does not become ready, with what its webhook selects. */
export const brokenCanary = (selectors: object): readonly ClusterObject[] => [
  {
    ...WEBHOOK,
    metadata: { name: CANARY_INJECTOR, uid: 'uid-canary', labels: CANARY },
    webhooks: [
      {
        ...(WEBHOOK.webhooks as readonly object[])[0],
        clientConfig: { caBundle: 'Q0E=', service: { name: 'istiod-canary', namespace: 'istio-system' } },
        ...selectors,
      },
    ],
  },
  istiodService('istiod-canary', 'istio-system', { app: 'istiod-canary' }),
  ...deployment('istiod-canary', {
    namespace: 'istio-system',
    labels: CANARY,
    template: { labels: { app: 'istiod-canary' } },
    spec: { replicas: 1 },
    status: { replicas: 1, updatedReplicas: 1, availableReplicas: 0 },
    proxies: [],
  }),
];
/** A control plane that does not become ready, and whose webhook selects no namespace. */
export const BROKEN_CANARY = brokenCanary({ namespaceSelector: { matchLabels: CANARY } });
/** The namespace of all objects that name no other one. */
export const SHOP = meshNamespace('shop');
/** Options with which a run does not wait. */
export const INJECTOR = { settleSeconds: 0, probes: 1, deadlineSeconds: 0 };

/** A fake cluster with an injector, and these objects in its namespace. */
export function startMesh(objects: readonly ClusterObject[], options: FakeClusterOptions = {}): Promise<FakeCluster> {
  return FakeCluster.start([SHOP, WEBHOOK, ...objects], options);
}

/** Options of a run against it. */
export const optionsFor = ({ server }: FakeCluster, options: Partial<RestartOptions> = {}): RestartOptions => ({
  kubeconfig: server.kubeconfig,
  injector: INJECTOR,
  ...options,
});
