import type { KubeObject, ObjectReference } from '../control-plane/kube-client';

/** A Deployment's kind and name. */
export function deploymentNamed(name: string, namespace = 'shop'): ObjectReference {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } };
}

/** A Deployment of one pod with one container. */
export function smallDeployment(
  name: string,
  namespace: string,
  options: { readonly annotations?: Readonly<Record<string, string>>; readonly progressDeadlineSeconds?: number } = {},
): ObjectReference {
  const { annotations = {}, progressDeadlineSeconds } = options;
  const template = {
    metadata: { labels: { app: name }, annotations },
    spec: { containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.10' }] },
  };
  const spec = { replicas: 1, progressDeadlineSeconds, selector: { matchLabels: { app: name } }, template };
  return { ...deploymentNamed(name, namespace), ...{ spec } };
}

/** Whether a Deployment's one pod has the newest template and is available. */
export function isDone(deployment: KubeObject | undefined): boolean {
  const status = (deployment?.status ?? {}) as Readonly<Record<string, unknown>>;
  return (
    status.observedGeneration === deployment?.metadata.generation &&
    ['replicas', 'updatedReplicas', 'availableReplicas'].every((count) => status[count] === 1)
  );
}
