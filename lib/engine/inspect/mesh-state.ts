import { INJECTION_WEBHOOK, readIstiods, type Istiod } from '../istio/control-planes';
import { readIstioResources, type IstioResource } from '../istio/foreign-resources';
import type { KubernetesApi } from '../cluster/api';
import type { Pod, WebhookConfiguration } from '../cluster/objects';
import { readPeerAuthentications, type PeerAuthentication } from '../istio/mutual-tls/peer-authentications';
import { readSnapshot } from '../snapshot/read-snapshot';
import { RestartError } from '../restart-error';
import type { Snapshot } from '../snapshot/snapshot';

/** A running pod of istiod. */
export interface IstiodPod {
  readonly namespace: string;
  readonly revision: string;
  readonly image: string;
}

/** The mesh as an inspection sees it: data only. */
export interface MeshState {
  /** None when the control plane runs elsewhere. */
  readonly istiods: readonly Istiod[];
  readonly istiodPods: readonly IstiodPod[];
  /** Those of injection, as the API server asks them. */
  readonly webhookConfigurations: readonly WebhookConfiguration[];
  readonly peerAuthentications: readonly PeerAuthentication[];
  readonly resources: readonly IstioResource[];
  readonly snapshot: Snapshot;
}

/**
 * Reads the mesh.
 *
 * @throws RestartError `InjectorMissing` when Istio is not installed
 * @throws ApiFailure
 */
export async function readMeshState(api: KubernetesApi): Promise<MeshState> {
  const istiods = await readIstiods(api);
  const configurations = await api.list<WebhookConfiguration, WebhookConfiguration>(
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    (configuration) => configuration,
  );
  const webhookConfigurations = configurations.filter(({ webhooks = [] }) =>
    webhooks.some(({ name }) => INJECTION_WEBHOOK.test(name)),
  );
  if (istiods.length === 0 && webhookConfigurations.length === 0) {
    throw new RestartError(
      'InjectorMissing',
      `Istio is not installed in the cluster of context "${api.context}": there is no Deployment with the label app=istiod, and no injection webhook`,
      { remedy: 'check the context; sidecars that an uninstall has left are for istio-module remove' },
    );
  }
  const istiodPods = await api.list<Pod, IstiodPod | undefined>('/api/v1/pods', istiodPodOf, {
    labelSelector: 'app=istiod',
  });
  return {
    istiods,
    istiodPods: istiodPods.flatMap((pod) => pod ?? []),
    webhookConfigurations,
    peerAuthentications: await readPeerAuthentications(api),
    resources: await readIstioResources(api),
    snapshot: await readSnapshot(api),
  };
}

/** Undefined for a pod that has ended or is about to. */
function istiodPodOf({ metadata, spec, status }: Pod): IstiodPod | undefined {
  if (metadata.deletionTimestamp || status?.phase === 'Succeeded' || status?.phase === 'Failed') {
    return undefined;
  }
  return {
    namespace: metadata.namespace ?? '',
    revision: metadata.labels?.['istio.io/rev'] ?? 'default',
    image: discoveryImage(spec.containers),
  };
}

/** The image of istiod itself, among the containers of its pod. */
export function discoveryImage(containers: readonly { readonly name: string; readonly image?: string }[]): string {
  return (containers.find(({ name }) => name === 'discovery') ?? containers[0])?.image ?? '';
}
