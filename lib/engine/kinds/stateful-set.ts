import type { WorkloadObject } from '../cluster/objects';
import { deleteOneByOne } from './delete-one-by-one';
import {
  blockedByOnDelete,
  isObserved,
  kubectlRestart,
  podCount,
  restartByTemplate,
  stopsSoMany,
  UNOBSERVED,
} from './rolling-update';
import { ownSelector } from './selects-pod';
import type { OwnedPod, RollableKind, RolloutStatus } from './workload-kind';

const HASH_LABEL = 'controller-revision-hash';

/**
 * A StatefulSet's rollout is complete when
 *  1. its controller has observed the newest generation,
 *  2. all replicas except those below the partition have the update revision,
 *  3. as many replicas as wanted are available.
 * A StatefulSet has no progress deadline: only the caller's timeout ends the wait.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#rolling-updates
 */
export const statefulSet: RollableKind = {
  type: 'rollable',
  kind: 'StatefulSet',
  apiVersion: 'apps/v1',
  resource: 'statefulsets',
  reads: ['get', 'list'],
  reasons: ['OnDelete', 'Partitioned'],
  selectorOf: ownSelector,
  status,
  restart: restartByTemplate,
  restartCommand: (namespace, name) => kubectlRestart(statefulSet, namespace, name),
  isNewest(pod, workload) {
    const newest = workload.status?.updateRevision;
    return isObserved(workload) && newest ? pod.labels[HASH_LABEL] === newest : undefined;
  },
  blocked(workload, outdated) {
    const onDelete = blockedByOnDelete(workload, outdated);
    if (onDelete) {
      return onDelete;
    }
    const partition = partitionOf(workload);
    // A restart replaces the pods at and above the partition. The next plan finds those below.
    return outdated.length > 0 && outdated.every((pod) => indexOf(pod, workload) < partition)
      ? {
          reason: 'Partitioned',
          ...deleteOneByOne(
            `its pods below partition ${String(partition)} are not replaced by a rolling update`,
            workload.metadata.namespace ?? '',
            outdated,
          ),
        }
      : undefined;
  },
  makesRoomFirst: () => true,
  stopsFirst(workload) {
    const { replicas = 1, updateStrategy = {} } = workload.spec;
    const unavailable = podCount(updateStrategy.rollingUpdate?.maxUnavailable, replicas, Math.floor);
    // Pods below the partition are not replaced.
    return stopsSoMany(Math.min(Math.max(unavailable, 1), replicas - partitionOf(workload)), replicas);
  },
  identity(workload) {
    const { name, uid } = workload.metadata;
    const revision = workload.status?.updateRevision;
    return {
      generateName: `${name}-`,
      labels: {
        'statefulset.kubernetes.io/pod-name': `${name}-0`,
        'apps.kubernetes.io/pod-index': '0',
        ...(revision ? { [HASH_LABEL]: revision } : {}),
      },
      owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid },
      volumes: (workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
        name: metadata.name,
        persistentVolumeClaim: { claimName: `${metadata.name}-${name}-0` },
      })),
    };
  },
};

function status(workload: WorkloadObject): RolloutStatus {
  const wanted = workload.spec.replicas ?? 1;
  const { updatedReplicas = 0, availableReplicas = 0, currentRevision, updateRevision } = workload.status ?? {};
  if (!isObserved(workload)) {
    return UNOBSERVED;
  }
  const due = Math.max(wanted - partitionOf(workload), 0);
  const updated = currentRevision === updateRevision ? wanted : updatedReplicas;
  if (updated < due) {
    return { state: 'progressing', message: `${String(updated)} of ${String(due)} replicas updated` };
  }
  if (availableReplicas < wanted) {
    return {
      state: 'progressing',
      message: `${String(availableReplicas)} of ${String(wanted)} replicas available`,
    };
  }
  return { state: 'complete' };
}

function partitionOf(workload: WorkloadObject): number {
  return workload.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
}

/** The index of the pod. Partitions count from the first replica, whatever its ordinal. */
function indexOf(pod: OwnedPod, workload: WorkloadObject): number {
  const ordinal = pod.labels['apps.kubernetes.io/pod-index'] ?? pod.name.slice(pod.name.lastIndexOf('-') + 1);
  return Number(ordinal) - (workload.spec.ordinals?.start ?? 0);
}
