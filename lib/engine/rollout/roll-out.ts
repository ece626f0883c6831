import { apiPath } from '../cluster/api-path';
import { isDeepStrictEqual } from 'node:util';
import { eachOf } from '../cluster/each-of';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { isObject } from '../cluster/is-object';
import { FIELD_MANAGER } from '../cluster/field-manager';
import type { Pod, WorkloadObject } from '../cluster/objects';
import { ownerPath } from '../kinds/owner-path';
import { evictPods } from './evict-pods';
import { Patience } from './patience';
import {
  DRAINING,
  isOver,
  resultOf,
  type RestartTask,
  type RollOutObserver,
  type RollOutResult,
  type RollOutRun,
  type RollOutTask,
} from './roll-out-task';
import type { StopOptions } from './stopping';
import { updateInPlace } from './update-in-place';
import { wavesOf } from './waves';

export interface RollOutOptions {
  /** How many rollouts are under way at once. @default 10 */
  readonly maxConcurrent?: number;
  /** How many rollouts are under way at once in one namespace; 1 rolls its workloads one after the other. @default - no limit but `maxConcurrent` */
  readonly maxConcurrentPerNamespace?: number;
  /** After a failed rollout: start no further one, or go on with the rest. @default 'stop' */
  readonly onFailure?: 'stop' | 'continue';
  /** Seconds that one workload's rollout may take. @default 600 */
  readonly timeoutSeconds?: number;
  /**
   * Seconds that a rollout may make no progress for a reason that its pods show, such as a crash loop, an image that cannot be
   * pulled, no node to run on or a quota, before it counts as failed. Longer than a node takes to come up, where nodes are
   * added on demand. @default 120
   */
  readonly stuckSeconds?: number;
  /** Seconds that all rollouts of a run may take together; then none is started, and none is waited for. @default - no limit */
  readonly deadlineSeconds?: number;
}

/** How often a restart that meets changes of others is tried. */
const CONFLICTS = 5;

/**
 * Rolls the workloads in waves of limited size, within a namespace one order after the other, and waits for each. Failures of workloads are collected, not
 * thrown; a request whose answer got lost can be sent again, for a patch changes nothing but what it was read for.
 *
 * @param deadline when the run's time is up, in milliseconds since the epoch
 * @throws RestartError `Aborted`, `ClusterUnreachable`, `UnexpectedAnswer`, and ApiFailure of the API server itself
 */
export async function rollOut(
  api: KubernetesApi,
  tasks: readonly RollOutTask[],
  restartedAt: string,
  options: RollOutOptions & Pick<StopOptions, 'drain'> = {},
  observer: RollOutObserver = {},
  deadline = deadlineOf(options),
): Promise<readonly RollOutResult[]> {
  const { maxConcurrent = 10, maxConcurrentPerNamespace, onFailure = 'stop' } = options;
  const { timeoutSeconds = 600, stuckSeconds = 120, deadlineSeconds } = options;
  const isDraining = () => options.drain?.aborted ?? false;
  const run: RollOutRun = {
    api,
    restartedAt,
    timeoutSeconds,
    stuckSeconds,
    deadline,
    observer,
    isDraining,
    awaited: 0,
  };
  const perNamespace = {
    of: ({ namespace }: RollOutTask) => namespace,
    limit: maxConcurrentPerNamespace ?? maxConcurrent,
    rank: ({ order }: RollOutTask) => order,
  };
  const results: RollOutResult[] = [];
  let failed = false;
  for (const wave of wavesOf(tasks)) {
    await eachOf(wave, { limit: maxConcurrent, group: perNamespace }, async (task) => {
      const result = await (failed && onFailure === 'stop'
        ? resultOf(task, 'notStarted', 'not started, since an earlier rollout failed')
        : Date.now() >= deadline
          ? resultOf(
              task,
              'notStarted',
              `not started, since the run's deadline of ${String(deadlineSeconds)} s has passed`,
            )
          : restartOne(run, task));
      failed ||= result.outcome === 'failed' && task.wasComplete;
      results.push(result);
      observer.onResult?.(task, result);
    });
  }
  return results;
}

/** When the time of a run is up that starts now, in milliseconds since the epoch. */
export function deadlineOf({ deadlineSeconds }: RollOutOptions): number {
  return deadlineSeconds === undefined ? Infinity : Date.now() + deadlineSeconds * 1000;
}

async function restartOne(run: RollOutRun, task: RollOutTask): Promise<RollOutResult> {
  try {
    if (run.isDraining()) {
      return resultOf(task, 'notStarted', DRAINING);
    }
    if (task.action === 'update') {
      const { outcome, message } = await updateInPlace(run, task);
      return resultOf(task, outcome, outcome === 'notStarted' ? DRAINING : message);
    }
    if (task.action === 'evict') {
      return await whileAwaited(run, evictPods(run, task));
    }
    const begun = await (task.action === 'restart' ? restart(run, task) : read(run, task));
    if (begun.outcome === 'notStarted') {
      return resultOf(task, 'notStarted', DRAINING);
    }
    if (begun.outcome === 'waited') {
      run.observer.onWait?.(task);
    }
    return await whileAwaited(run, waitFor(run, task, begun.outcome, begun));
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) {
      return resultOf(task, 'gone', '');
    }
    // Credentials that have expired are no failure of the workload, and no other one would fare better.
    if (error instanceof ApiFailure && !error.isOfServer && error.status !== 401) {
      return resultOf(task, 'failed', error.message);
    }
    throw error;
  }
}

function whileAwaited<T>(run: RollOutRun, work: Promise<T>): Promise<T> {
  run.awaited += 1;
  return work.finally(() => {
    run.awaited -= 1;
  });
}

/** What has become of a task before its rollout is waited for. */
interface Begun {
  /** `waited` if somebody else rolled the workload; `notStarted` if the run was stopped. */
  readonly outcome: 'restarted' | 'waited' | 'notStarted';
  /**
   * The pods of the rollout are no older than that, in milliseconds since the epoch: 0 for a rollout of somebody else, of
   * which pods may be there already.
   */
  readonly since: number;
  /** The workload as it was read last, or answered to the patch. */
  readonly object: WorkloadObject;
}

async function read({ api }: RollOutRun, task: RestartTask): Promise<Begun> {
  return { outcome: 'waited', since: 0, object: await api.get<WorkloadObject>(pathOf(task)) };
}

/**
 * Has the workload's controller replace its pods, unless somebody else did since the plan, which may be long ago.
 *
 * The patch is for the workload exactly as it was read last: what changes it in between is a conflict, after which it is
 * read again, so that no pod is replaced twice.
 */
async function restart({ api, restartedAt, observer, isDraining }: RollOutRun, task: RestartTask): Promise<Begun> {
  const patch = task.owner.restart(restartedAt);
  let since: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const isOutdated = await hasOutdatedPods(api, task);
    const present = await api.get<WorkloadObject>(pathOf(task));
    if (since !== undefined && contains(present, patch)) {
      return { outcome: 'restarted', since, object: present };
    }
    if (!isOutdated || isOver(present, task) || isRolledSince(task.planned, present, patch)) {
      return { outcome: 'waited', since: 0, object: present };
    }
    if (isDraining()) {
      return { outcome: 'notStarted', since: 0, object: present };
    }
    if (since === undefined) {
      since = api.clock.now;
      observer.onBegin?.(task);
    }
    const { uid, resourceVersion } = present.metadata;
    try {
      const { annotations } = task;
      const body = { metadata: { uid, resourceVersion, ...(annotations ? { annotations } : {}) }, ...patch };
      const object = await api.mergePatch<WorkloadObject>(pathOf(task), body, FIELD_MANAGER);
      return { outcome: 'restarted', since, object };
    } catch (error) {
      // Another uid may be refused as the change of an immutable field (422).
      const isConflict = error instanceof ApiFailure && (error.status === 409 || (await isReplaced(api, task, error)));
      if (!isConflict || attempt >= CONFLICTS) {
        throw error;
      }
    }
  }
}

async function isReplaced(api: KubernetesApi, task: RestartTask, { status }: ApiFailure): Promise<boolean> {
  return status === 422 && isOver(await api.get<WorkloadObject>(pathOf(task)), task);
}

/** A rollout that was under way may have ended between the list of pods and the list of their owners. */
async function hasOutdatedPods(api: KubernetesApi, task: RestartTask): Promise<boolean> {
  for (const { name, uid } of task.outdated) {
    const pod = await api.find<Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace: task.namespace, name }));
    if (pod?.metadata.uid === uid && !pod.metadata.deletionTimestamp) {
      return true;
    }
  }
  return false;
}

/** Whether what rolls the workload is not as it was: its template, or what a restart of it changes. */
function isRolledSince(planned: WorkloadObject, present: WorkloadObject, patch: unknown): boolean {
  const rolledBy = (object: WorkloadObject) => [object.spec.template, patchedFields(object, patch)];
  return !isDeepStrictEqual(rolledBy(planned), rolledBy(present));
}

/** The fields of the object that a merge patch sets. */
function patchedFields(object: unknown, patch: unknown): unknown {
  return isObject(patch)
    ? Object.entries(patch).map(([key, value]) => patchedFields(isObject(object) ? object[key] : undefined, value))
    : object;
}

/** Whether a merge patch would change nothing: it came through though its answer did not. */
function contains(object: unknown, patch: unknown): boolean {
  if (typeof patch !== 'object' || patch === null || typeof object !== 'object' || object === null) {
    return isDeepStrictEqual(object, patch);
  }
  return Object.entries(patch).every(([key, value]) => contains((object as Record<string, unknown>)[key], value));
}

async function waitFor(
  run: RollOutRun,
  task: RestartTask,
  done: 'restarted' | 'waited',
  { since, object: begun }: Begun,
): Promise<RollOutResult> {
  const { api } = run;
  const patience = new Patience(run, task);
  let object = begun;
  for (;;) {
    if (isOver(object, task)) {
      return resultOf(task, 'gone', '');
    }
    const status = task.owner.status(object);
    if (status.state === 'complete') {
      return resultOf(task, done, '');
    }
    if (status.state === 'failed') {
      return resultOf(task, 'failed', status.message);
    }
    const spent = await patience.spentBecause(status.message, { namespace: task.namespace, object, since });
    if (spent !== undefined) {
      return resultOf(task, 'failed', spent);
    }
    await patience.pause();
    const seen = await api.getCached<WorkloadObject>(pathOf(task));
    object = isOlder(seen, object) ? object : seen;
  }
}

/** In the state before the change that the engine waits for: its status describes an older rollout. */
function isOlder({ metadata: { uid, generation = 0 } }: WorkloadObject, { metadata }: WorkloadObject): boolean {
  return uid === metadata.uid && generation < (metadata.generation ?? 0);
}

function pathOf(task: RestartTask): string {
  return ownerPath(task.owner, task);
}
