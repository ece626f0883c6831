import { eachOf } from './each-of';
import type { KubernetesApi } from './kubernetes/api';
import { ApiFailure } from './kubernetes/api-failure';
import type { WorkloadObject } from './kubernetes/objects';
import type { RollableOwner } from './owners/rollable-owner';
import { nameOf } from './plan';
import { RestartError } from './restart-error';

/** Writes the restart annotation; a manager of its own, so that the change can be told from the user's. */
export const FIELD_MANAGER = 'istio-module';

export interface RollOutOptions {
  /** How many rollouts are under way at once. @default 10 */
  readonly maxConcurrent?: number;
  /** After a failed rollout: start no further one, or go on with the rest. @default 'stop' */
  readonly onFailure?: 'stop' | 'continue';
  /** Seconds that one workload's rollout may take. @default 600 */
  readonly timeoutSeconds?: number;
}

export interface RollOutTask {
  readonly owner: RollableOwner;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `wait` for a rollout that somebody else has started. */
  readonly action: 'restart' | 'wait';
}

export interface RollOutResult {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `gone`: deleted meanwhile, so there is nothing left to bring up to date. */
  readonly outcome: 'restarted' | 'waited' | 'gone' | 'failed' | 'notStarted';
  /** Why it failed or was not started; else empty. */
  readonly message: string;
}

const POLL_MILLISECONDS = { first: 250, last: 2_000 };

/** Told while the rollouts are under way. */
export interface RollOutObserver {
  /** Before a workload's template is changed: from here on it may roll. */
  onBegin?(task: RollOutTask): void;
  onResult?(result: RollOutResult): void;
}

/**
 * Rolls the workloads, so many at a time, and waits for each. Failures of workloads are collected, not thrown;
 * the same `restartedAt` in a repeated request changes nothing, so a request that got lost can be sent again.
 *
 * @throws RestartError `Aborted`, `ClusterUnreachable`
 */
export async function rollOut(
  api: KubernetesApi,
  tasks: readonly RollOutTask[],
  restartedAt: string,
  options: RollOutOptions = {},
  observer: RollOutObserver = {},
): Promise<readonly RollOutResult[]> {
  const { maxConcurrent = 10, onFailure = 'stop', timeoutSeconds = 600 } = options;
  const results: RollOutResult[] = [];
  let failed = false;
  await eachOf(tasks, maxConcurrent, async (task) => {
    const result: RollOutResult =
      failed && onFailure === 'stop'
        ? resultOf(task, 'notStarted', 'not started, since an earlier rollout failed')
        : await rollOutOne(api, task, restartedAt, timeoutSeconds, observer);
    failed ||= result.outcome === 'failed';
    results.push(result);
    observer.onResult?.(result);
  });
  return results;
}

async function rollOutOne(
  api: KubernetesApi,
  task: RollOutTask,
  restartedAt: string,
  timeoutSeconds: number,
  observer: RollOutObserver,
): Promise<RollOutResult> {
  try {
    if (task.action === 'restart') {
      observer.onBegin?.(task);
      await restart(api, task, restartedAt);
    }
    return await waitFor(api, task, timeoutSeconds);
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) {
      return resultOf(task, 'gone', '');
    }
    if (error instanceof RestartError && (error.code === 'Aborted' || error.code === 'ClusterUnreachable')) {
      throw error;
    }
    if (error instanceof ApiFailure || error instanceof RestartError) {
      return resultOf(task, 'failed', error.message);
    }
    throw error;
  }
}

async function restart(api: KubernetesApi, task: RollOutTask, restartedAt: string): Promise<void> {
  const patch = { metadata: { uid: task.uid }, ...task.owner.restart(restartedAt) };
  for (let attempt = 1; ; attempt++) {
    try {
      await api.mergePatch(pathOf(task), patch, FIELD_MANAGER);
      return;
    } catch (error) {
      // Another uid is refused as a change of an immutable field (422), a change at the same moment as a conflict (409).
      if (!(error instanceof ApiFailure && [409, 422].includes(error.status))) {
        throw error;
      }
      const present = await api.get<WorkloadObject>(pathOf(task));
      if (present.metadata.uid !== task.uid) {
        throw new ApiFailure(
          404,
          'NotFound',
          `${nameOf({ ...task, kind: task.owner.kind })} was replaced by another of its name`,
          error.request,
        );
      }
      if (attempt >= 5 || error.status === 422) {
        throw error;
      }
    }
  }
}

async function waitFor(api: KubernetesApi, task: RollOutTask, timeoutSeconds: number): Promise<RollOutResult> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (let pause = POLL_MILLISECONDS.first; ; pause = Math.min(pause * 1.5, POLL_MILLISECONDS.last)) {
    const object = await api.get<WorkloadObject>(pathOf(task));
    if (object.metadata.uid !== task.uid) {
      return resultOf(task, 'gone', '');
    }
    const status = task.owner.status(object);
    if (status.state === 'complete') {
      return resultOf(task, task.action === 'restart' ? 'restarted' : 'waited', '');
    }
    if (status.state === 'failed') {
      return resultOf(task, 'failed', status.message);
    }
    if (Date.now() >= deadline) {
      return resultOf(task, 'failed', `not done after ${String(timeoutSeconds)} s: ${status.message}`);
    }
    await api.pause(pause);
  }
}

function pathOf({ owner, namespace, name }: RollOutTask): string {
  return `/apis/${owner.apiVersion}/namespaces/${namespace}/${owner.resource}/${name}`;
}

function resultOf(task: RollOutTask, outcome: RollOutResult['outcome'], message: string): RollOutResult {
  return { kind: task.owner.kind, namespace: task.namespace, name: task.name, outcome, message };
}
