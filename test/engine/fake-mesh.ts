import type { RestartOptions } from '../../lib/engine/run/restart-options';
import { meshNamespace, type ClusterObject } from './cluster-builder';
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
