import { ApiFailure } from '../cluster/api-failure';
import { apiPath } from '../cluster/api-path';
import { FIELD_MANAGER } from '../cluster/field-manager';
import { hasEnded } from '../cluster/has-ended';
import type { Pod, WorkloadObject } from '../cluster/objects';
import { selectorQuery } from '../cluster/label-selector';
import { ownerPath } from '../kinds/owner-path';
import { Patience } from './patience';
import { isOver, resultOf, type EvictionTask, type RollOutResult, type RollOutRun } from './roll-out-task';
import { stoppedAfter } from './stopping';
import { validWorkload } from './valid-workload';

/**
 * Evicts the outdated pods of a workload one by one, each only when all up-to-date pods are ready and the number of
 * pods is complete. First evicts pods that are not ready, since they serve no requests. If a PodDisruptionBudget
 * refuses an eviction, retries it until the workload's time is up.
 *
 * @throws RestartError, ApiFailure
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export async function evictPods(run: RollOutRun, task: EvictionTask): Promise<RollOutResult> {
  const { api, isDraining } = run;
  const patience = new Patience(run, task);
  let evicted = 0;
  let since: number | undefined;
  let held = '';
  for (;;) {
    const object = await api.find<WorkloadObject>(ownerPath(task.owner, task));
    if (!object || isOver(object, task)) {
      return resultOf(task, 'gone', '');
    }
    validWorkload(task.owner, object);
    if (object.metadata.ownerReferences?.some(({ controller }) => controller)) {
      // A controller that has adopted the workload since the plan now replaces its pods.
      return resultOf(task, 'waited', '');
    }
    const pods = await podsOf(run, task, object);
    const left = pods.filter(({ metadata: { uid } }) => task.outdated.some((pod) => pod.uid === uid));
    const unready = pods.filter((pod) => !isReady(pod));
    const missing = Math.max((object.spec.replicas ?? 1) - pods.length, 0);
    const awaited = missing + unready.filter((pod) => !left.includes(pod)).length;
    if (left.length === 0 && awaited === 0) {
      return resultOf(task, since === undefined ? 'waited' : 'restarted', '');
    }
    const next = unready.find((pod) => left.includes(pod)) ?? left[0];
    if (next && awaited === 0) {
      if (isDraining()) {
        const { outcome, message } = stoppedAfter(evicted, task.outdated, 'evicted');
        return resultOf(task, outcome, message);
      }
      if (since === undefined) {
        since = api.clock.now;
        run.observer.onBegin?.(task);
        await mark(run, task);
      }
      held = (await evict(run, next)) ?? '';
      if (held === '') {
        run.onChanged(task);
        evicted += 1;
        patience.hurry();
        continue;
      }
    }
    const progress = awaited > 0 ? `${String(awaited)} ${awaited === 1 ? 'pod' : 'pods'} not ready yet` : held;
    const count = `${String(task.outdated.length - left.length)} of ${String(task.outdated.length)} outdated pods replaced`;
    const spent = await patience.spentBecause(`${count}, ${progress}`, {
      namespace: task.namespace,
      object: { ...object, spec: { ...object.spec, selector: task.owner.selectorOf(object) } },
      since: since ?? 0,
    });
    if (spent !== undefined) {
      return resultOf(task, 'failed', spent);
    }
    await patience.pause();
  }
}

/** Its pods that are running or starting. */
function podsOf({ api }: RollOutRun, { namespace, owner, uid }: EvictionTask, object: WorkloadObject): Promise<Pod[]> {
  const path = apiPath({ apiVersion: 'v1', resource: 'pods', namespace });
  const labelSelector = selectorQuery(owner.selectorOf(object));
  const pods = api.list<Pod, Pod>(path, (pod) => pod, { labelSelector });
  return pods.then((all) =>
    all.filter(
      (pod) =>
        !hasEnded(pod) &&
        pod.metadata.ownerReferences?.some((reference) => reference.controller && reference.uid === uid),
    ),
  );
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

/** Stores the reasons of the evictions on the workload. If that is refused, a later run may evict pods once more. */
async function mark({ api }: RollOutRun, task: EvictionTask): Promise<void> {
  const { annotations, uid } = task;
  if (!annotations) {
    return;
  }
  try {
    await api.mergePatch(ownerPath(task.owner, task), { metadata: { uid, annotations } }, FIELD_MANAGER);
  } catch (error) {
    if (!(error instanceof ApiFailure && error.deniedByRbac)) {
      throw error;
    }
  }
}

/**
 * @returns why the pod is not evicted; undefined if it is
 * @throws ApiFailure for a permanent refusal
 */
async function evict({ api }: RollOutRun, { metadata: { name, namespace, uid } }: Pod): Promise<string | undefined> {
  try {
    await api.request(`${apiPath({ apiVersion: 'v1', resource: 'pods', namespace, name })}/eviction`, {
      method: 'POST',
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: { preconditions: { uid } },
      },
    });
    return undefined;
  } catch (error) {
    if (error instanceof ApiFailure && (error.status === 404 || error.status === 409)) {
      return `pod ${name} is already being replaced`;
    }
    const cause = error instanceof ApiFailure ? error.budgetCause : undefined;
    if (cause === undefined) {
      throw error;
    }
    return `pod ${name} cannot be evicted yet: ${cause}`;
  }
}
