import type { WorkloadObject } from '../cluster/objects';
import {
  blockedByOnDelete,
  isNone,
  isObserved,
  kubectlRestart,
  podCount,
  restartByTemplate,
  UNOBSERVED,
} from './rolling-update';
import { ownSelector } from './selects-pod';
import type { RollableKind, RolloutStatus } from './workload-kind';

/** The label with the generation of the template that a pod was created from. */
const GENERATION_LABEL = 'pod-template-generation';
/** The annotation with the generation of a DaemonSet's template. No other field of the DaemonSet contains it. */
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
export const daemonSet: RollableKind = {
  type: 'rollable',
  kind: 'DaemonSet',
  apiVersion: 'apps/v1',
  resource: 'daemonsets',
  reads: ['get', 'list'],
  reasons: ['OnDelete'],
  selectorOf: ownSelector,
  status,
  restart: restartByTemplate,
  restartCommand: (namespace, name) => kubectlRestart(daemonSet, namespace, name),
  isNewest(pod, workload) {
    const newest = workload.metadata.annotations?.[GENERATION_ANNOTATION];
    return newest === undefined ? undefined : pod.labels[GENERATION_LABEL] === newest;
  },
  blocked: blockedByOnDelete,
  makesRoomFirst({ spec: { updateStrategy = {} } }) {
    const { maxSurge = 0 } = updateStrategy.rollingUpdate ?? {};
    return isNone(maxSurge);
  },
  stopsFirst({ spec: { updateStrategy = {} }, status = {} }) {
    const { maxSurge = 0, maxUnavailable = 1 } = updateStrategy.rollingUpdate ?? {};
    if (!isNone(maxSurge)) {
      return undefined;
    }
    const { desiredNumberScheduled: nodes = 0 } = status;
    return nodes > 1 && podCount(maxUnavailable, nodes, Math.ceil) >= nodes ? 'AllUnavailable' : 'OnePerNode';
  },
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
