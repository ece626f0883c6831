import type { KubeClient } from './kube-client';

/**
 * Waits until all pods of a Deployment have its newest template and are available.
 *
 * @throws Error after the timeout
 */
export async function deploymentAvailable(
  client: KubeClient,
  namespace: string,
  name: string,
  timeoutSeconds = 60,
): Promise<void> {
  const reference = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } };
  await client.waitFor(
    reference,
    (deployment) => {
      const { replicas = 1 } = (deployment?.spec ?? {}) as { replicas?: number };
      const status = (deployment?.status ?? {}) as Record<string, number | undefined>;
      return (
        status.observedGeneration === deployment?.metadata.generation &&
        status.updatedReplicas === replicas &&
        status.availableReplicas === replicas &&
        status.replicas === replicas
      );
    },
    { timeoutSeconds },
  );
}
