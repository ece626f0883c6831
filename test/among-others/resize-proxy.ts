import type { KubeClient, KubeObject } from '../control-plane/kube-client';
import type { AdmittedPod } from './admission-webhooks';
import { proxyOf } from './admission-webhooks';

type RunningPod = KubeObject & AdmittedPod & { readonly status: { readonly containerStatuses?: readonly object[] } };

/**
 * Changes the requests of the sidecars of all pods of a namespace in place, like a controller that ends a temporary
 * boost.
 */
export async function resizeProxy(
  client: KubeClient,
  namespace: string,
  requests: Readonly<Record<string, string>>,
): Promise<void> {
  for (const { metadata } of await client.list('v1', 'Pod', { namespace })) {
    const pod = await resizable(client, metadata.name, namespace);
    const proxy = proxyOf(pod);
    if (proxy) {
      proxy.resources = { ...proxy.resources, requests: { ...proxy.resources?.requests, ...requests } };
    }
    await client.raw('PUT', `/api/v1/namespaces/${namespace}/pods/${metadata.name}/resize`, pod);
  }
}

/**
 * The pod, after adding to its status what a kubelet that can resize containers reports about them, and kwok does not.
 */
export async function resizable(client: KubeClient, name: string, namespace: string): Promise<RunningPod> {
  const reference = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } };
  const { status } = await client.get<RunningPod>(reference);
  const containerStatuses = (status.containerStatuses ?? []).map((one) => ({ ...one, resources: {} }));
  return client.patch<RunningPod>(reference, { status: { containerStatuses } }, 'status');
}
