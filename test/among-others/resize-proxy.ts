import type { KubeClient, KubeObject } from '../control-plane/kube-client';
import type { AdmittedPod } from './admission-webhooks';
import { proxyOf } from './admission-webhooks';

type RunningPod = KubeObject & AdmittedPod & { readonly status: { readonly containerStatuses?: readonly object[] } };

/** Gives the sidecars of all pods of a namespace other requests in place, as what has boosted them takes that back. */
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

/** The pod, once its status says of its containers what a kubelet says that can resize them, and kwok does not. */
export async function resizable(client: KubeClient, name: string, namespace: string): Promise<RunningPod> {
  const reference = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } };
  const { status } = await client.get<RunningPod>(reference);
  const containerStatuses = (status.containerStatuses ?? []).map((one) => ({ ...one, resources: {} }));
  return client.patch<RunningPod>(reference, { status: { containerStatuses } }, 'status');
}
