import type { KubeObject } from '../kube-client';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface Counts {
  readonly conditions?: readonly Condition[];
  readonly [count: string]: unknown;
}

/**
 * What is still missing until an object that was applied does its work; `undefined` when nothing is.
 *
 * @throws Error when it will never do its work
 */
export function pending(object: KubeObject): string | undefined {
  const status = (object.status ?? {}) as Counts;
  const spec = (object.spec ?? {}) as { replicas?: number };
  const count = (name: string) => Number(status[name] ?? 0);
  const observed = count('observedGeneration') >= (object.metadata.generation ?? 0);
  const wanted = spec.replicas ?? 1;
  switch (object.kind) {
    case 'Deployment':
      failOnDeadline(object, status.conditions);
      return observed &&
        count('updatedReplicas') === wanted &&
        count('availableReplicas') === wanted &&
        count('replicas') === wanted
        ? undefined
        : `${String(count('availableReplicas'))} of ${String(wanted)} replicas are available`;
    case 'StatefulSet':
      return observed && count('updatedReplicas') === wanted && count('readyReplicas') === wanted
        ? undefined
        : `${String(count('readyReplicas'))} of ${String(wanted)} replicas are ready`;
    case 'DaemonSet': {
      const nodes = count('desiredNumberScheduled');
      return observed && count('updatedNumberScheduled') === nodes && count('numberAvailable') === nodes
        ? undefined
        : `${String(count('numberAvailable'))} of ${String(nodes)} pods are available`;
    }
    case 'CustomResourceDefinition':
      return status.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') === true
        ? undefined
        : 'it is not established';
    default:
      return undefined;
  }
}

function failOnDeadline(object: KubeObject, conditions: readonly Condition[] = []): void {
  const failed = conditions.find(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded');
  if (failed !== undefined) {
    throw new Error(`Deployment ${object.metadata.name} does not progress: ${failed.message ?? ''}`);
  }
}
