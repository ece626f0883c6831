import { hasEnded } from '../cluster/has-ended';
import { readIstiods, readWebhookConfigurations, type Istiod } from '../istio/control-planes';
import { injectionWebhooks } from '../istio/injection-webhooks';
import { readIstioResources, type IstioResource } from '../istio/foreign-resources';
import type { KubernetesApi } from '../cluster/api';
import { apiPath } from '../cluster/api-path';
import { selectorQuery } from '../cluster/label-selector';
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

/** The data that an inspection reads from a mesh. */
export interface MeshState {
  /** Empty if the control plane runs outside the cluster. */
  readonly istiods: readonly Istiod[];
  readonly istiodPods: readonly IstiodPod[];
  /** The configurations of injection webhooks, in the order in which the API server calls them. */
  readonly webhookConfigurations: readonly WebhookConfiguration[];
  readonly peerAuthentications: readonly PeerAuthentication[];
  readonly resources: readonly IstioResource[];
  readonly snapshot: Snapshot;
}

/**
 * Reads the mesh.
 *
 * @throws RestartError `InjectorMissing` if Istio is not installed
 * @throws ApiFailure
 */
export async function readMeshState(api: KubernetesApi): Promise<MeshState> {
  const webhookConfigurations = (await readWebhookConfigurations(api)).filter(
    (configuration) => injectionWebhooks([configuration]).length > 0,
  );
  const istiods = await readIstiods(api, injectionWebhooks(webhookConfigurations));
  if (istiods.length === 0 && webhookConfigurations.length === 0) {
    throw new RestartError(
      'InjectorMissing',
      `Istio is not installed in the cluster of context "${api.context}": there is no injection webhook, and no validation webhook that refers to a control plane`,
      { remedy: 'check the context; to remove sidecars that an uninstall left behind, run istio-module remove' },
    );
  }
  return {
    istiods,
    istiodPods: (await Promise.all(istiods.map((istiod) => readIstiodPods(api, istiod)))).flat(),
    webhookConfigurations,
    peerAuthentications: await readPeerAuthentications(api),
    resources: await readIstioResources(api),
    snapshot: await readSnapshot(api),
  };
}

async function readIstiodPods(api: KubernetesApi, { revision, deployment }: Istiod): Promise<readonly IstiodPod[]> {
  const { namespace = '' } = deployment.metadata;
  const pods = await api.list<Pod, IstiodPod | undefined>(
    apiPath({ apiVersion: 'v1', resource: 'pods', namespace }),
    (pod) => (hasEnded(pod) ? undefined : { namespace, revision, image: discoveryImage(pod.spec.containers) }),
    { labelSelector: selectorQuery(deployment.spec.selector) },
  );
  return pods.flatMap((pod) => pod ?? []);
}

/** The image of the container with istiod in its pod. */
export function discoveryImage(containers: readonly { readonly name: string; readonly image?: string }[]): string {
  return (containers.find(({ name }) => name === 'discovery') ?? containers[0])?.image ?? '';
}
