import { shellCommand } from '../cluster/shell-command';
import type { WorkloadObject } from '../cluster/objects';
import { newestReplicaSet } from './newest-replica-set';
import {
  isNone,
  isObserved,
  kubectlRestart,
  podCount,
  restartByTemplate,
  stopsSoMany,
  UNOBSERVED,
} from './rolling-update';
import { ownSelector } from './selects-pod';
import type { RollableKind, RolloutStatus } from './workload-kind';

const HASH_LABEL = 'pod-template-hash';
const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';

/**
 * A Deployment's rollout is complete when
 *  1. its controller has observed the newest generation,
 *  2. as many replicas as wanted are of the newest template,
 *  3. no replica of an older template is left,
 *  4. all replicas of the newest template are available.
 * It has failed if the condition `Progressing` has the reason `ProgressDeadlineExceeded`.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
export const deployment: RollableKind = {
  type: 'rollable',
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  resource: 'deployments',
  reads: ['get', 'list'],
  reasons: ['Paused'],
  selectorOf: ownSelector,
  replicaSets: { hashLabel: HASH_LABEL, revisionAnnotation: REVISION_ANNOTATION },
  status,
  restart: restartByTemplate,
  restartCommand: (namespace, name) => kubectlRestart(deployment, namespace, name),
  isNewest(pod, workload, replicaSets) {
    if (!isObserved(workload)) {
      return undefined;
    }
    const newest = newestReplicaSet(replicaSets, REVISION_ANNOTATION);
    const hash = newest?.labels?.[HASH_LABEL];
    const revision = workload.metadata.annotations?.[REVISION_ANNOTATION];
    // The ReplicaSets were listed before the Deployment, so its newest one may be missing.
    const isStale = revision !== undefined && newest?.annotations?.[REVISION_ANNOTATION] !== revision;
    if (hash === undefined || isStale) {
      return undefined;
    }
    const isOfNewest = pod.labels[HASH_LABEL] === hash;
    // While it is paused, its controller creates no ReplicaSet for a changed template, and keeps the revision.
    return isOfNewest && workload.spec.paused ? undefined : isOfNewest;
  },
  blocked(workload) {
    const { namespace = '', name } = workload.metadata;
    return workload.spec.paused
      ? {
          reason: 'Paused',
          sentence: 'the Deployment is paused, so a new template would not be rolled out',
          remedy: ['resume', 'restart']
            .map((verb) => shellCommand('kubectl', '-n', namespace, 'rollout', verb, `deployment/${name}`))
            .join(' && '),
        }
      : undefined;
  },
  makesRoomFirst({ spec: { strategy = {} } }) {
    return strategy.type === 'Recreate' || isNone(strategy.rollingUpdate?.maxSurge);
  },
  stopsFirst({ spec: { replicas = 1, strategy = {} } }) {
    if (strategy.type === 'Recreate') {
      return 'Recreate';
    }
    const { maxSurge = '25%', maxUnavailable = '25%' } = strategy.rollingUpdate ?? {};
    const unavailable = podCount(maxUnavailable, replicas, Math.floor);
    const surge = podCount(maxSurge, replicas, Math.ceil);
    // The controller needs one of the two for progress.
    return stopsSoMany(surge === 0 ? Math.max(unavailable, 1) : unavailable, replicas);
  },
  identity(workload, replicaSets) {
    const { name } = workload.metadata;
    const newest = newestReplicaSet(replicaSets, REVISION_ANNOTATION);
    const hash = newest?.labels?.[HASH_LABEL] ?? '0';
    const replicaSet = newest?.name ?? `${name}-${hash}`;
    return {
      generateName: `${replicaSet}-`,
      labels: { [HASH_LABEL]: hash },
      owner: {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: replicaSet,
        uid: newest?.uid ?? workload.metadata.uid,
      },
      volumes: [],
    };
  },
};

function status(workload: WorkloadObject): RolloutStatus {
  const wanted = workload.spec.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, conditions = [] } = workload.status ?? {};
  if (!isObserved(workload)) {
    return UNOBSERVED;
  }
  const progressing = conditions.find(({ type }) => type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return { state: 'failed', message: `progress deadline exceeded: ${progressing.message ?? 'no message'}` };
  }
  if (updatedReplicas < wanted) {
    return { state: 'progressing', message: `${String(updatedReplicas)} of ${String(wanted)} replicas updated` };
  }
  const old = replicas - updatedReplicas;
  if (old > 0) {
    return {
      state: 'progressing',
      message: `${String(old)} old ${old === 1 ? 'replica' : 'replicas'} pending termination`,
    };
  }
  if (availableReplicas < updatedReplicas) {
    return {
      state: 'progressing',
      message: `${String(availableReplicas)} of ${String(updatedReplicas)} updated replicas available`,
    };
  }
  return { state: 'complete' };
}
