import { apiPath } from '../cluster/api-path';
import { isDeepStrictEqual } from 'node:util';
import { eachOf } from '../cluster/each-of';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { FIELD_MANAGER } from '../cluster/field-manager';
import type { Pod, WorkloadObject } from '../cluster/objects';
import type { RollableOwner } from '../kinds/rollable-owner';
import type { StopOptions } from './stopping';
import { stuckBecause } from './stuck-rollout';
import { wavesOf, type WaveMember } from './waves';

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
   * Seconds that a rollout may stand still for a reason that its pods tell, such as a crash loop, an image that cannot be
   * pulled, no node to run on or a quota, before it counts as failed. Longer than a node takes to come up, where nodes are
   * added on demand. @default 120
   */
  readonly stuckSeconds?: number;
  /** Seconds that all rollouts of a run may take together; then none is started, and none is waited for. @default - no limit */
  readonly deadlineSeconds?: number;
}

export interface RollOutTask extends WaveMember {
  readonly owner: RollableOwner;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `wait` for a rollout that somebody else has started. */
  readonly action: 'restart' | 'wait';
  /** The workload as the plan saw it. */
  readonly planned: WorkloadObject;
  /** The pods that it is restarted for. */
  readonly outdated: readonly { readonly name: string; readonly uid: string }[];
}

/** What became of one workload in a round. */
export interface RollOutResult {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `gone`: deleted meanwhile, so there is nothing left to bring up to date. */
  readonly outcome: 'restarted' | 'waited' | 'gone' | 'failed' | 'notStarted';
  /** Why it failed or was not started; else empty. */
  readonly message: string;
}

/** How often a restart that meets changes of others is tried. */
const CONFLICTS = 5;
const POLL_MILLISECONDS = { first: 250, last: 2_000 };
/** At most, of all rollouts together: more would slow down the rollouts themselves. */
const LOOKS_PER_SECOND = 40;
/** How often at most the pods of a rollout that stands still are looked at. */
const LOOK_MILLISECONDS = 5_000;

/** Told while the rollouts are under way. */
export interface RollOutObserver {
  /** Before a workload's template is changed: from here on it may roll. */
  onBegin?(task: RollOutTask): void;
  /** A rollout that somebody else has started is waited for. */
  onWait?(task: RollOutTask): void;
  /** How far the rollout is, whenever that changes. */
  onStatus?(task: RollOutTask, message: string): void;
  onResult?(result: RollOutResult): Promise<void>;
}

/** What the rollouts of a run have in common. */
interface Run {
  readonly api: KubernetesApi;
  readonly restartedAt: string;
  readonly timeoutSeconds: number;
  readonly stuckSeconds: number;
  /** When the run's time is up, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly observer: RollOutObserver;
  readonly isDraining: () => boolean;
  /** How many rollouts are waited for. */
  awaited: number;
}

const DRAINING = 'not started, since the run was told to stop';

/**
 * Rolls the workloads, so many at a time, wave by wave, and waits for each. Failures of workloads are collected, not
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
  const run: Run = { api, restartedAt, timeoutSeconds, stuckSeconds, deadline, observer, isDraining, awaited: 0 };
  const perNamespace = {
    of: ({ namespace }: RollOutTask) => namespace,
    limit: maxConcurrentPerNamespace ?? maxConcurrent,
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
          : rollOutOne(run, task));
      failed ||= result.outcome === 'failed';
      results.push(result);
      await observer.onResult?.(result);
    });
  }
  return results;
}

/** When the time of a run is up that starts now, in milliseconds since the epoch. */
export function deadlineOf({ deadlineSeconds }: RollOutOptions): number {
  return deadlineSeconds === undefined ? Infinity : Date.now() + deadlineSeconds * 1000;
}

async function rollOutOne(run: Run, task: RollOutTask): Promise<RollOutResult> {
  try {
    if (run.isDraining()) {
      return resultOf(task, 'notStarted', DRAINING);
    }
    const begun = await (task.action === 'restart' ? restart(run, task) : read(run, task));
    if (begun.outcome === 'notStarted') {
      return resultOf(task, 'notStarted', DRAINING);
    }
    if (begun.outcome === 'waited') {
      run.observer.onWait?.(task);
    }
    run.awaited += 1;
    return await waitFor(run, task, begun.outcome, begun).finally(() => {
      run.awaited -= 1;
    });
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

/** What has become of a task before its rollout is waited for. */
interface Begun {
  /** `waited` when somebody else has rolled the workload; `notStarted` when the run was told to stop. */
  readonly outcome: 'restarted' | 'waited' | 'notStarted';
  /**
   * The pods of the rollout are no older than that, in milliseconds since the epoch: 0 for a rollout of somebody else, of
   * which pods may be there already.
   */
  readonly since: number;
  /** The workload as it was read last, or answered to the patch. */
  readonly object: WorkloadObject;
}

async function read({ api }: Run, task: RollOutTask): Promise<Begun> {
  return { outcome: 'waited', since: 0, object: await api.get<WorkloadObject>(pathOf(task)) };
}

/**
 * Has the workload's controller replace its pods, unless somebody else did since the plan, which may be long ago.
 *
 * The patch is for the workload exactly as it was read last: what changes it in between is a conflict, after which it is
 * read again, so that no pod is replaced twice.
 */
async function restart({ api, restartedAt, observer, isDraining }: Run, task: RollOutTask): Promise<Begun> {
  const patch = task.owner.restart(restartedAt);
  let since: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const isOutdated = await hasOutdatedPods(api, task);
    const present = await api.get<WorkloadObject>(pathOf(task));
    if (since !== undefined && contains(present, patch)) {
      return { outcome: 'restarted', since, object: present };
    }
    if (!isOutdated || isOver(present, task) || isRolledSince(task.planned, present)) {
      return { outcome: 'waited', since: 0, object: present };
    }
    if (isDraining()) {
      return { outcome: 'notStarted', since: 0, object: present };
    }
    if (since === undefined) {
      since = api.serverTime;
      observer.onBegin?.(task);
    }
    const { uid, resourceVersion } = present.metadata;
    try {
      const body = { metadata: { uid, resourceVersion }, ...patch };
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

async function isReplaced(api: KubernetesApi, task: RollOutTask, { status }: ApiFailure): Promise<boolean> {
  return status === 422 && isOver(await api.get<WorkloadObject>(pathOf(task)), task);
}

/** A rollout that was under way may have ended between the list of pods and the list of their owners. */
async function hasOutdatedPods(api: KubernetesApi, task: RollOutTask): Promise<boolean> {
  for (const { name, uid } of task.outdated) {
    const pod = await api.find<Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace: task.namespace, name }));
    if (pod?.metadata.uid === uid && !pod.metadata.deletionTimestamp) {
      return true;
    }
  }
  return false;
}

/** Deleted, or as good as: what is being deleted replaces no pods any more. */
function isOver({ metadata }: WorkloadObject, { uid }: RollOutTask): boolean {
  return metadata.uid !== uid || metadata.deletionTimestamp !== undefined;
}

function isRolledSince(planned: WorkloadObject, present: WorkloadObject): boolean {
  const rolledBy = ({ spec }: WorkloadObject) => [spec.template, spec.restartAt];
  return !isDeepStrictEqual(rolledBy(planned), rolledBy(present));
}

/** Whether a merge patch would change nothing: it came through though its answer did not. */
function contains(object: unknown, patch: unknown): boolean {
  if (typeof patch !== 'object' || patch === null || typeof object !== 'object' || object === null) {
    return isDeepStrictEqual(object, patch);
  }
  return Object.entries(patch).every(([key, value]) => contains((object as Record<string, unknown>)[key], value));
}

async function waitFor(
  run: Run,
  task: RollOutTask,
  done: 'restarted' | 'waited',
  { since, object: begun }: Begun,
): Promise<RollOutResult> {
  const { api, timeoutSeconds, stuckSeconds, deadline } = run;
  const timeout = Date.now() + timeoutSeconds * 1000;
  let last = { message: '', at: Date.now() };
  const lookMilliseconds = Math.min(LOOK_MILLISECONDS, stuckSeconds * 1000);
  let lookedAt = Date.now();
  let object = begun;
  for (let pause = POLL_MILLISECONDS.first; ; pause = Math.min(pause * 1.5, POLL_MILLISECONDS.last)) {
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
    const now = Date.now();
    if (status.message !== last.message) {
      last = { message: status.message, at: now };
      run.observer.onStatus?.(task, status.message);
    }
    const isLate = now >= timeout || now >= deadline;
    const standsStill = now - last.at >= stuckSeconds * 1000 && now - lookedAt >= lookMilliseconds;
    if (isLate || standsStill) {
      lookedAt = now;
      const stuck = await stuckBecause(api, { namespace: task.namespace, object, since });
      const why = [status.message, ...(stuck === undefined ? [] : [stuck])].join('; ');
      if (now >= timeout) {
        return resultOf(task, 'failed', `not done after ${String(timeoutSeconds)} s: ${why}`);
      }
      if (now >= deadline) {
        return resultOf(task, 'failed', `not done when the run's deadline passed: ${why}`);
      }
      if (stuck !== undefined) {
        return resultOf(task, 'failed', `stands still: ${why}`);
      }
    }
    const untilLate = Math.max(Math.min(timeout, deadline) - now, POLL_MILLISECONDS.first);
    await api.pause(Math.min(Math.max(pause, (run.awaited / LOOKS_PER_SECOND) * 1000), untilLate));
    const seen = await api.getCached<WorkloadObject>(pathOf(task));
    object = isOlder(seen, object) ? object : seen;
  }
}

/** As it was before the change that is waited for: its status tells of an older rollout. */
function isOlder({ metadata: { uid, generation = 0 } }: WorkloadObject, { metadata }: WorkloadObject): boolean {
  return uid === metadata.uid && generation < (metadata.generation ?? 0);
}

function pathOf({ owner, namespace, name }: RollOutTask): string {
  return apiPath({ apiVersion: owner.apiVersion, resource: owner.resource, namespace, name });
}

function resultOf(task: RollOutTask, outcome: RollOutResult['outcome'], message: string): RollOutResult {
  return { kind: task.owner.kind, namespace: task.namespace, name: task.name, outcome, message };
}
