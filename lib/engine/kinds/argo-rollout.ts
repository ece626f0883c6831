import { FLAG, listOf, mapOf, NUMBER, NUMBER_OR_TEXT, objectOf, TEXT, type FieldType } from '../cluster/field-type';
import { isObject } from '../cluster/is-object';
import type { WorkloadObject } from '../cluster/objects';
import { POD_TEMPLATE } from '../cluster/pod-template-type';
import { shellCommand } from '../cluster/shell-command';
import { newestReplicaSet } from './newest-replica-set';
import { isObserved, podCount, stopsSoMany, UNOBSERVED } from './rolling-update';
import { ownSelector } from './selects-pod';
import type { RollableKind, RolloutStatus } from './workload-kind';

const HASH_LABEL = 'rollouts-pod-template-hash';
const REVISION_ANNOTATION = 'rollout.argoproj.io/revision';

/** A Rollout with a `workloadRef` may also have an empty template, in which Go clients write a missing list as null. */
const TEMPLATE: FieldType = (value, path) => {
  const spec = isObject(value) ? value.spec : undefined;
  const isEmpty = isObject(value) && (isMissing(spec) || (isObject(spec) && isMissing(spec.containers)));
  return isEmpty ? undefined : POD_TEMPLATE(value, path);
};

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

const REQUIREMENT = objectOf({ key: TEXT, operator: TEXT, values: listOf(TEXT) }, ['key', 'operator']);

const FIELDS = objectOf(
  {
    spec: objectOf({
      replicas: NUMBER,
      selector: objectOf({ matchLabels: mapOf(TEXT), matchExpressions: listOf(REQUIREMENT) }),
      template: TEMPLATE,
      workloadRef: objectOf({ apiVersion: TEXT, kind: TEXT, name: TEXT }),
      restartAt: TEXT,
      strategy: objectOf({ canary: objectOf({ maxUnavailable: NUMBER_OR_TEXT }) }),
    }),
    status: objectOf({
      observedGeneration: NUMBER_OR_TEXT,
      availableReplicas: NUMBER,
      restartedAt: TEXT,
      currentPodHash: TEXT,
      abort: FLAG,
      conditions: listOf(objectOf({ type: TEXT, status: TEXT, message: TEXT })),
    }),
  },
  ['spec'],
);

/**
 * A Rollout of Argo is restarted with `spec.restartAt`: its controller evicts older pods, and their ReplicaSets replace
 * them. The template does not change, so a canary or blue-green update under way continues. The restart is complete
 * when
 *  1. its controller has observed the newest generation,
 *  2. `status.restartedAt` shows that it has processed this `spec.restartAt`,
 *  3. as many replicas as wanted are available.
 * It has failed if the Rollout has the condition `InvalidSpec`, with which the controller does nothing.
 *
 * @see https://argoproj.github.io/argo-rollouts/features/restart/
 */
export const argoRollout: RollableKind = {
  type: 'rollable',
  kind: 'Rollout',
  apiVersion: 'argoproj.io/v1alpha1',
  resource: 'rollouts',
  reads: ['get', 'list'],
  fields: FIELDS,
  reasons: ['Updating'],
  selectorOf: ownSelector,
  replicaSets: { hashLabel: HASH_LABEL, revisionAnnotation: REVISION_ANNOTATION },
  status,
  // The controller compares and writes times in whole seconds.
  restart: (at) => ({ spec: { restartAt: `${at.slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z` } }),
  isNewest(pod, workload) {
    const newest = workload.status?.currentPodHash;
    return isObserved(workload) && newest !== undefined ? pod.labels[HASH_LABEL] === newest : undefined;
  },
  stays(pod, workload) {
    if (!isObserved(workload)) {
      return undefined;
    }
    const { restartAt } = workload.spec;
    return !isPending(workload) || restartAt === undefined || Date.parse(pod.createdAt ?? '') >= Date.parse(restartAt);
  },
  keepsTemplates: true,
  blocked(workload, outdated) {
    const { namespace = '', name } = workload.metadata;
    const { currentPodHash: newest, abort: isAborted = false } = workload.status ?? {};
    // An update replaces the pods of the version before it. After an aborted update, only a restart replaces them.
    return !isAborted && newest !== undefined && outdated.every(({ labels }) => labels[HASH_LABEL] !== newest)
      ? {
          reason: 'Updating',
          sentence: 'they run the version before an update that is under way, which will replace them',
          remedy: ['promote', 'restart'].map((verb) => argoCommand(verb, namespace, name)).join(', or '),
        }
      : undefined;
  },
  makesRoomFirst: () => true,
  stopsFirst({ spec: { replicas = 1, strategy = {} } }) {
    const unavailable = podCount(strategy.canary?.maxUnavailable ?? '25%', replicas, Math.floor);
    return stopsSoMany(Math.max(unavailable, 1), replicas);
  },
  restartCommand: (namespace, name) => argoCommand('restart', namespace, name),
  identity(workload, replicaSets) {
    const { name, uid } = workload.metadata;
    const newest = newestReplicaSet(replicaSets, REVISION_ANNOTATION);
    const hash = workload.status?.currentPodHash ?? newest?.labels?.[HASH_LABEL] ?? '0';
    const replicaSet = newest?.name ?? `${name}-${hash}`;
    return {
      generateName: `${replicaSet}-`,
      labels: { [HASH_LABEL]: hash },
      owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet, uid: newest?.uid ?? uid },
      volumes: [],
    };
  },
};

function argoCommand(verb: string, namespace: string, name: string): string {
  return shellCommand('kubectl', 'argo', 'rollouts', '-n', namespace, verb, name);
}

function status(workload: WorkloadObject): RolloutStatus {
  const { availableReplicas = 0, conditions = [] } = workload.status ?? {};
  const wanted = workload.spec.replicas ?? 1;
  if (!isObserved(workload)) {
    return UNOBSERVED;
  }
  const invalid = conditions.find(({ type }) => type === 'InvalidSpec');
  if (invalid) {
    return { state: 'failed', message: `its specification is invalid: ${invalid.message ?? 'no message'}` };
  }
  if (isPending(workload)) {
    return { state: 'progressing', message: 'its controller is still evicting pods' };
  }
  if (availableReplicas < wanted) {
    return { state: 'progressing', message: `${String(availableReplicas)} of ${String(wanted)} replicas available` };
  }
  return { state: 'complete' };
}

function isPending({ spec, status }: WorkloadObject): boolean {
  return (
    spec.restartAt !== undefined &&
    (status?.restartedAt === undefined || Date.parse(status.restartedAt) !== Date.parse(spec.restartAt))
  );
}
