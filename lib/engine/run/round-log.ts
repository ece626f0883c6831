import type { RestartMark } from '../plan/restart-mark';
import { nameOf } from '../plan/plan';
import { RestartError } from '../restart-error';
import type { RollOutResult } from '../rollout/roll-out-task';
import { keyOf } from '../snapshot/snapshot';
import type { RestartedWorkload, UpdatedWorkload, WorkloadName } from './restart-report';
import type { DueRollOut } from './roll-out-tasks';

/** The results of the rounds so far. */
export interface RoundLog {
  readonly restarted: Map<string, RestartedWorkload>;
  readonly updated: Map<string, UpdatedWorkload>;
  readonly waited: Map<string, WorkloadName>;
  /** Started, but not confirmed complete, or stopped after a part of the pods. */
  readonly begun: Map<string, WorkloadName>;
  /** Not started, because the run was stopped, a rollout failed, or the run's deadline passed. */
  readonly notStarted: Map<string, WorkloadName>;
  /** The reasons of restarts and updates, by the workload's `id`. */
  readonly tried: Map<string, RestartMark>;
}

/** The log of a run that has not restarted anything yet. */
export function emptyLog(): RoundLog {
  return {
    restarted: new Map(),
    updated: new Map(),
    waited: new Map(),
    begun: new Map(),
    notStarted: new Map(),
    tried: new Map(),
  };
}

/** Adds the result of a rollout. */
export function record(result: RollOutResult, rolledOut: DueRollOut | undefined, log: RoundLog): void {
  const { namespace, kind, name, outcome } = result;
  const workload = { namespace, kind, name };
  const { message = '', differences = [], inPlace, method } = rolledOut?.plan ?? {};
  const isChanged = outcome === 'stopped' || (outcome === 'failed' && !result.isUnchanged);
  if (!isChanged) {
    log.begun.delete(keyOf(workload));
  }
  if (rolledOut && (outcome === 'restarted' || outcome === 'updated')) {
    log.tried.set(rolledOut.workload.id, { ...rolledOut.mark, isOfRun: true });
  }
  if (outcome === 'restarted') {
    log.restarted.set(keyOf(workload), { ...workload, message, differences, ...(method ? { method } : {}) });
  } else if (outcome === 'updated') {
    log.updated.set(keyOf(workload), { ...workload, message, differences: inPlace?.differences ?? differences });
  } else if (outcome === 'waited') {
    log.waited.set(keyOf(workload), workload);
  } else if (outcome === 'notStarted') {
    log.notStarted.set(keyOf(workload), workload);
  }
}

/** The error, with what the run had done until then. */
export function withProgress(error: unknown, log: RoundLog): unknown {
  const names = (workloads: ReadonlyMap<string, WorkloadName>) => inPlannedOrder(workloads).map(nameOf);
  return error instanceof RestartError
    ? error.after({
        restarted: names(log.restarted),
        ...(log.updated.size > 0 ? { updated: names(log.updated) } : {}),
        begun: names(log.begun),
        notStarted: names(log.notStarted),
      })
    : error;
}

/** Restores the order of the plan, since concurrent rollouts finish in any order. */
export function inPlannedOrder<T extends WorkloadName>(workloads: ReadonlyMap<string, T>): readonly T[] {
  return [...workloads].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, workload]) => workload);
}
