import { apiPath } from '../cluster/api-path';
import { isDeepStrictEqual } from 'node:util';
import { eachOf } from '../cluster/each-of';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { containsPatch } from '../cluster/contains-patch';
import { isObject } from '../cluster/is-object';
import { FIELD_MANAGER } from '../cluster/field-manager';
import type { Pod, WorkloadObject } from '../cluster/objects';
import { ownerPath } from '../kinds/owner-path';
import { evictPods } from './evict-pods';
import { Patience } from './patience';
import {
  isOver,
  resultOf,
  type RestartTask,
  type RollOutObserver,
  type RollOutResult,
  type RollOutRun,
  type RollOutTask,
} from './roll-out-task';
import { DRAINING, type StopOptions } from './stopping';
import { updateInPlace } from './update-in-place';
import { InvalidWorkload, validWorkload } from './valid-workload';
import { wavesOf } from './waves';

export interface RollOutOptions {
  /** The maximum number of concurrent rollouts. @default 10 */
  readonly maxConcurrent?: number;
  /**
   * The maximum number of concurrent rollouts in one namespace; 1 restarts its workloads one by one.
   * @default - only `maxConcurrent` limits them
   */
  readonly maxConcurrentPerNamespace?: number;
  /**
   * What to do after a failed rollout: `stop` starts no further rollouts, and `continue` starts the others. If the API
   * server refuses to change a workload, the others are started in both cases.
   * @default 'stop'
   */
  readonly onFailure?: 'stop' | 'continue';
  /** The time limit of one rollout, in seconds. @default 600 */
  readonly timeoutSeconds?: number;
  /**
   * Seconds without progress after which a rollout fails, if its pods or its controller show a reason: a crash loop, an
   * image that cannot be pulled, no node to run on, or a quota. If nodes are added on demand, this must be longer than
   * a node takes to start.
   * @default 120
   */
  readonly stuckSeconds?: number;
  /**
   * The time limit of all rollouts of a run together, in seconds. After it, the run starts no rollouts and waits for
   * none.
   * @default - no limit
   */
  readonly deadlineSeconds?: number;
}

/** The maximum number of attempts of a restart that conflicts with changes by others. */
const CONFLICTS = 5;

/**
 * Restarts the workloads in waves with limited concurrency, and waits for each. Within a namespace, workloads are
 * restarted by their order. Collects failures of workloads instead of throwing them. Requests can be repeated, because
 * a patch only applies to the version that was read.
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
  const changed = new Set<RollOutTask>();
  const run: RollOutRun = {
    api,
    restartedAt,
    timeoutSeconds,
    stuckSeconds,
    deadline,
    observer,
    isDraining,
    onChanged: (task) => {
      changed.add(task);
    },
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
      const ended = await (failed && onFailure === 'stop'
        ? resultOf(task, 'notStarted', 'not started, since an earlier rollout failed')
        : Date.now() >= deadline
          ? resultOf(
              task,
              'notStarted',
              `not started, since the run's deadline of ${String(deadlineSeconds)} s has passed`,
            )
          : restartOne(run, task));
      // A refused change concerns one workload. A failed rollout may be due to the new sidecar.
      const result: RollOutResult =
        ended.outcome === 'failed' && !changed.has(task) ? { ...ended, isUnchanged: true } : ended;
      failed ||= result.outcome === 'failed' && !result.isUnchanged && task.wasComplete;
      results.push(result);
      observer.onResult?.(task, result);
    });
  }
  return results;
}

/** The deadline of a run that starts now, in milliseconds since the epoch. */
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
      return resultOf(task, outcome, message);
    }
    if (task.action === 'evict') {
      return await whileAwaited(run, evictPods(run, task));
    }
    const begun = await (task.action === 'restart' ? restart(run, task) : read(run, task));
    if (begun.outcome === 'notStarted') {
      return resultOf(task, 'notStarted', DRAINING);
    }
    run.onChanged(task);
    if (begun.outcome === 'waited') {
      run.observer.onWait?.(task);
    }
    return await whileAwaited(run, waitFor(run, task, begun.outcome, begun));
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) {
      return resultOf(task, 'gone', '');
    }
    if (error instanceof InvalidWorkload) {
      return resultOf(task, 'failed', error.message);
    }
    // Expired credentials are not a failure of this workload, and would fail for all others.
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

/** The state of a task before the wait for its rollout. */
interface Begun {
  /** `waited` if others restarted the workload; `notStarted` if the run was stopped. */
  readonly outcome: 'restarted' | 'waited' | 'notStarted';
  /**
   * The minimum creation time of the rollout's pods, in milliseconds since the epoch. 0 for a rollout that others
   * started, whose pods may already exist.
   */
  readonly since: number;
  /** The workload from the last read, or from the answer to the patch. */
  readonly object: WorkloadObject;
}

async function read({ api }: RollOutRun, task: RestartTask): Promise<Begun> {
  return { outcome: 'waited', since: 0, object: await readWorkload(api, task) };
}

/** @throws InvalidWorkload */
async function readWorkload(api: KubernetesApi, task: RestartTask): Promise<WorkloadObject> {
  return validWorkload(task.owner, await api.get<WorkloadObject>(pathOf(task)));
}

/**
 * Makes the workload's controller replace its pods, unless others have done so since the plan.
 *
 * The patch only applies to the version of the workload that was read last. If the workload changes in between, the
 * conflict makes the engine read it again, so that no pod is replaced twice.
 */
async function restart({ api, restartedAt, observer, isDraining }: RollOutRun, task: RestartTask): Promise<Begun> {
  const patch = task.owner.restart(restartedAt);
  let since: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const isOutdated = await hasOutdatedPods(api, task);
    const present = await readWorkload(api, task);
    // The patch was applied although its answer was lost.
    if (since !== undefined && containsPatch(present, patch)) {
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
      // A changed uid may be rejected as a change of an immutable field (422).
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

/** Checks again, because a rollout may have ended between the list of pods and the list of their owners. */
async function hasOutdatedPods(api: KubernetesApi, task: RestartTask): Promise<boolean> {
  for (const { name, uid } of task.outdated) {
    const pod = await api.find<Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace: task.namespace, name }));
    if (pod?.metadata.uid === uid && !pod.metadata.deletionTimestamp) {
      return true;
    }
  }
  return false;
}

/** Whether the template, or the field that a restart changes, has changed since the plan. */
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
    const status = task.owner.status(validWorkload(task.owner, object));
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

/** Whether the object is older than the change, so that its status describes an earlier rollout. */
function isOlder({ metadata: { uid, generation = 0 } }: WorkloadObject, { metadata }: WorkloadObject): boolean {
  return uid === metadata.uid && generation < (metadata.generation ?? 0);
}

function pathOf(task: RestartTask): string {
  return ownerPath(task.owner, task);
}
