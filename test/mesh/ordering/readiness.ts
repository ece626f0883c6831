import type { KubeObject } from '../../control-plane/kube-client';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Whether an object is ready, according to the rules that Argo CD and Flux share for kinds that are part of Kubernetes.
 */
export function isReady(object: KubeObject): boolean {
  const spec = (object.spec ?? {}) as Fields;
  const status = (object.status ?? {}) as Fields;
  const isObserved = status.observedGeneration === object.metadata.generation;
  switch (object.kind) {
    case 'Deployment': {
      const replicas = spec.replicas ?? 1;
      const counts = [status.updatedReplicas, status.availableReplicas, status.replicas];
      return isObserved && counts.every((count) => count === replicas);
    }
    case 'DaemonSet': {
      const { desiredNumberScheduled: desired, updatedNumberScheduled, numberAvailable } = status;
      return isObserved && (desired === 0 || (updatedNumberScheduled === desired && numberAvailable === desired));
    }
    case 'CustomResourceDefinition':
      return hasCondition(status, 'Established');
    case 'Job':
      return hasCondition(status, 'Complete');
    default:
      return true;
  }
}

function hasCondition({ conditions = [] }: Fields, type: string): boolean {
  return (conditions as readonly { type: string; status: string }[]).some(
    (condition) => condition.type === type && condition.status === 'True',
  );
}
