import type { WorkloadObject } from '../cluster/objects';
import {
  blockedByOnDelete,
  isObserved,
  restartByTemplate,
  UNOBSERVED,
  type RollableOwner,
  type RolloutStatus,
} from './rollable-owner';

/** The one place where a DaemonSet's pods and the DaemonSet itself both tell which template they are of. */
const GENERATION_LABEL = 'pod-template-generation';
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

/**
 * A DaemonSet's rollout is complete when
 *  1. its controller has observed the newest generation,
 *  2. every node that should run it runs a pod of the newest template,
 *  3. all of them are available.
 * A DaemonSet has no progress deadline: only the caller's timeout ends the wait.
 *
 * @see https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/
 */
export const daemonSet: RollableOwner = {
  kind: 'DaemonSet',
  apiVersion: 'apps/v1',
  resource: 'daemonsets',
  status,
  restart: restartByTemplate,
  isNewest(pod, workload) {
    const newest = workload.metadata.annotations?.[GENERATION_ANNOTATION];
    return newest === undefined ? undefined : pod.labels[GENERATION_LABEL] === newest;
  },
  blocked: blockedByOnDelete,
  identity(workload) {
    const { name, uid } = workload.metadata;
    const generation = workload.metadata.annotations?.[GENERATION_ANNOTATION];
    return {
      generateName: `${name}-`,
      labels: { ...(generation === undefined ? undefined : { [GENERATION_LABEL]: generation }) },
      owner: { apiVersion: 'apps/v1', kind: 'DaemonSet', name, uid },
      volumes: [],
    };
  },
};

function status(workload: WorkloadObject): RolloutStatus {
  const { desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = workload.status ?? {};
  if (!isObserved(workload)) {
    return UNOBSERVED;
  }
  if (updatedNumberScheduled < desiredNumberScheduled) {
    return {
      state: 'progressing',
      message: `${String(updatedNumberScheduled)} of ${String(desiredNumberScheduled)} pods updated`,
    };
  }
  if (numberAvailable < desiredNumberScheduled) {
    return {
      state: 'progressing',
      message: `${String(numberAvailable)} of ${String(desiredNumberScheduled)} pods available`,
    };
  }
  return { state: 'complete' };
}
