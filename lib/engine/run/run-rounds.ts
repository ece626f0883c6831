import { checkPermissions } from './check-permissions';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { rememberRestarts } from './remember-restarts';
import { rollOutTasks } from './roll-out-tasks';
import { planCluster, type Planned, type Planning } from './plan-cluster';
import { decided, isDue, nameOf, type Decisions, type RestartPlan, type WorkloadPlan } from '../plan/plan';
import type { FailedWorkload, RestartReport, WorkloadName } from './restart-report';
import { emptyLog, inPlannedOrder, record, withProgress, type RoundLog } from './round-log';
import { EventRecorder } from './event-recorder';
import { PlanPublisher } from './plan-publisher';
import type { MutualTlsTransition } from '../plan/mutual-tls/transition';
import type { TransitionPlan } from '../plan/mutual-tls/plan-transitions';
import { beginTransitions, endTransitions, readTransitions } from './transitions';
import { RestartError } from '../restart-error';
import type { RestartOptions } from './restart-options';
import { deadlineOf, rollOut } from '../rollout/roll-out';
import type { RollOutObserver, RollOutResult, RollOutTask } from '../rollout/roll-out-task';
import type { RollOutAction, RunEvent, RunWorkload } from './run-event';
import { keyOf, type Workload } from '../snapshot/snapshot';
import type { Stopping } from '../rollout/stopping';
import { refused } from '../cluster/with-cluster';
import { shellCommand } from '../cluster/shell-command';

const FURTHER_ROUNDS = 2;
/** How long a failed run waits for the injector at most, before it plans again to find restarts without effect. */
const REMEMBER_SECONDS = 30;
/** Outcomes of rollouts after which the run does not continue. */
const INCOMPLETE: ReadonlySet<RollOutResult['outcome']> = new Set(['failed', 'notStarted', 'stopped']);

/**
 * Plans, restarts and plans again, until no workload is left to restart, in a limited number of rounds.
 *
 * @throws RestartError whose `done` contains what was restarted before the error
 */
export async function runRounds(planning: Planning, stopping: Stopping): Promise<RestartReport> {
  const { api, options } = planning;
  const recorder = new EventRecorder(api, options, (message) => {
    planning.emit({ type: 'eventsRefused', message });
  });
  const publisher = new PlanPublisher(api, options, (message) => {
    planning.emit({ type: 'planNotPublished', message });
  });
  const emit = (event: RunEvent) => {
    planning.emit(event);
    recorder.onEvent(event);
    publisher.onEvent(event);
  };
  const settled = () => Promise.all([recorder.settled(), publisher.settled()]);
  return planAndRestart({ ...planning, stopping, emit, settled });
}

/** The common data of the steps of one run. */
interface Run extends Planning {
  readonly stopping: Stopping;
  /** Returns when Events and plans so far are written to the cluster. */
  readonly settled: () => Promise<unknown>;
}

async function planAndRestart(run: Run): Promise<RestartReport> {
  const { api, options, emit, settled, stopping } = run;
  const log = emptyLog();
  const confirmed = new Set<string>();
  let deadline = deadlineOf(options);
  let rounds = 0;
  try {
    for (;;) {
      const planned = await planCluster({ ...run, tried: log.tried });
      const { plan } = planned;
      emit({ type: 'planned', plan });
      const transitions = await readTransitions(run, planned);
      const due = plan.workloads.filter(isDue);
      if (rounds > FURTHER_ROUNDS && due.length > 0) {
        await rememberDespiteFailure(run, log, planned);
        throw rolloutsFailed(due.map((workload) => stillOutdated(workload, rounds)));
      }
      if (due.length === 0) {
        const inForce = await beginTransitions(api, transitions);
        await rememberRestarts(api, planned, log.tried);
        await endTransitions(api, transitions);
        workloadsLeft(planned).forEach(emit);
        await settled();
        return reportOf(plan, inForce, log, rounds);
      }
      const isUnconfirmed = due.some((one) => one.decision !== 'wait' && !confirmed.has(keyOf(one)));
      if (options.confirm && isUnconfirmed) {
        const askedAt = Date.now();
        await askFor(api, options.confirm, plan);
        deadline += Date.now() - askedAt;
        for (const workload of due) {
          confirmed.add(keyOf(workload));
        }
        // The answer may have taken long. By now, confirmed restarts may be done, deferred or different.
        continue;
      }
      rounds += 1;
      const missing = await rollOutRound({ ...run, log, rounds, deadline }, planned, due, transitions);
      const isFailed = missing.some(({ outcome }) => outcome === 'failed') || !stopping.isDraining;
      if (isFailed && missing.length > 0) {
        // After the deadline, the run has no time for another plan.
        if (Date.now() < deadline) {
          await rememberDespiteFailure(run, log);
        }
        throw rolloutsFailed(missing);
      }
      if (stopping.isDraining) {
        throw new RestartError('Aborted', 'Stopped on request', { remedy: 'run again to continue' });
      }
    }
  } catch (error) {
    throw withProgress(error instanceof ApiFailure ? refused(error) : error, log);
  }
}

/** @throws RestartError `Aborted` unless the answer is yes */
async function askFor(
  api: KubernetesApi,
  confirm: NonNullable<RestartOptions['confirm']>,
  plan: RestartPlan,
): Promise<void> {
  const isConfirmed = await confirm(plan);
  api.checkAborted();
  if (!isConfirmed) {
    throw new RestartError('Aborted', 'The plan was declined.');
  }
}

interface Round extends Run {
  readonly log: RoundLog;
  readonly rounds: number;
  /** When the run's time is up, in milliseconds since the epoch. */
  readonly deadline: number;
}

async function rollOutRound(
  { api, options, stopping, emit, settled, log, rounds, deadline }: Round,
  planned: Planned,
  due: readonly WorkloadPlan[],
  transitions: TransitionPlan,
): Promise<readonly RollOutResult[]> {
  // The API server's clock has whole seconds, but two restarts within the same second must have different times.
  const time = new Date(api.clock.now + (Date.now() % 1000)).toISOString();
  const rollOuts = rollOutTasks(planned, due, time);
  const byKey = new Map(rollOuts.map((one) => [keyOf(one.plan), one]));
  const tasks = rollOuts.map(({ task }) => task);
  // Checked first, so that no namespace becomes permissive if the restarts are not permitted.
  await checkPermissions(api, tasks);
  for (const transition of await beginTransitions(api, transitions)) {
    if (transition.state !== 'ended') {
      emit({ type: 'transition', transition });
    }
  }
  emit({
    type: 'roundBegan',
    round: rounds,
    time,
    workloads: rollOuts.map(({ workload, task, plan: { message } }) => ({
      ...runWorkload(workload),
      action: actionOf(task),
      message,
    })),
  });
  const observer: RollOutObserver = {
    onBegin(task) {
      log.begun.set(keyOf(nameIn(task)), nameIn(task));
      emit({ type: 'rolloutBegan', workload: workloadOf(task), action: actionOf(task) });
    },
    onWait(task) {
      emit({ type: 'rolloutBegan', workload: workloadOf(task), action: 'wait' });
    },
    onStatus(task, message) {
      emit({ type: 'rolloutProgressed', workload: workloadOf(task), message });
    },
    onResult(task, result) {
      record(result, byKey.get(keyOf(result)), log);
      emit({ type: 'rolloutEnded', workload: workloadOf(task), outcome: result.outcome, message: result.message });
    },
  };
  const results = await stopping.whileRolling(async () => {
    try {
      return await rollOut(api, tasks, time, options, observer, deadline);
    } finally {
      await settled();
    }
  });
  return results.filter(({ outcome }) => INCOMPLETE.has(outcome));
}

function nameIn({ kind, namespace, name }: RollOutTask): WorkloadName {
  return { namespace, kind, name };
}

function workloadOf(task: RollOutTask): RunWorkload {
  const reference =
    task.action === 'update'
      ? task.reference
      : { apiVersion: task.owner.apiVersion, kind: task.owner.kind, uid: task.uid };
  return { ...nameIn(task), reference };
}

function runWorkload({ namespace, kind, name, reference }: Workload): RunWorkload {
  return { namespace, kind, name, reference };
}

/** The events for the workloads that a complete run leaves unchanged. */
function workloadsLeft({ snapshot, plan }: Planned): readonly RunEvent[] {
  const workloads = new Map(snapshot.workloads.map((workload) => [keyOf(workload), workload]));
  return plan.workloads.flatMap((planned) => {
    const workload = workloads.get(keyOf(planned));
    return workload && planned.decision !== 'current'
      ? [{ type: 'left', workload: runWorkload(workload), plan: planned }]
      : [];
  });
}

/** Evictions are reported as restarts. */
function actionOf({ action }: RollOutTask): RollOutAction {
  return action === 'evict' ? 'restart' : action;
}

function stillOutdated({ namespace, kind, name, message }: WorkloadPlan, rounds: number): FailedWorkload {
  return { namespace, kind, name, message: `still out of date after ${String(rounds)} rounds: ${message}` };
}

function reportOf(
  plan: Decisions,
  transitions: readonly MutualTlsTransition[],
  log: RoundLog,
  rounds: number,
): RestartReport {
  const restarted = inPlannedOrder(log.restarted);
  const updated = inPlannedOrder(log.updated);
  const waited = inPlannedOrder(log.waited);
  const warnings = decided(plan, 'warn');
  const skipped = decided(plan, 'skip');
  const deferred = decided(plan, 'deferred');
  const undetermined = decided(plan, 'undetermined');
  return {
    schemaVersion: 1,
    restarted,
    updated,
    waited,
    warnings,
    skipped,
    deferred,
    undetermined,
    ignoredAnnotations: plan.ignoredAnnotations,
    transitions,
    counts: {
      restarted: restarted.length,
      updated: updated.length,
      waited: waited.length,
      current: decided(plan, 'current').length,
      warned: warnings.length,
      skipped: skipped.length,
      deferred: deferred.length,
      undetermined: undetermined.length,
    },
    rounds,
  };
}

/** The error for at least one failure. */
function rolloutsFailed(failed: readonly FailedWorkload[]): RestartError {
  const [{ namespace, kind, name }] = failed as [FailedWorkload];
  return new RestartError(
    'RolloutFailed',
    `${String(failed.length)} ${failed.length === 1 ? 'workload was' : 'workloads were'} not brought up to date: ${failed.map((one) => `${nameOf(one)}: ${one.message.replace(/\.$/, '')}`).join('; ')}. See why with ${shellCommand('kubectl', '-n', namespace, 'describe', `${kind.toLowerCase()}/${name}`)}, and run again. Workloads that are up to date by then are skipped.`,
  );
}

/**
 * Marks restarts without effect before the run fails. Otherwise, each run would repeat them for as long as one workload
 * fails. Errors are not reported, because the run already fails for another reason.
 *
 * @param planned by default, a new plan for the namespaces in which the run has restarted workloads
 */
async function rememberDespiteFailure(run: Run, log: RoundLog, planned?: Planned): Promise<void> {
  const { api, options, stopping } = run;
  if (log.tried.size === 0 || stopping.isDraining) {
    return;
  }
  const restarted = [...log.restarted.values(), ...log.updated.values()];
  const namespaces = [...new Set(restarted.map(({ namespace }) => namespace))];
  const deadlineSeconds = Math.min(options.injector?.deadlineSeconds ?? Infinity, REMEMBER_SECONDS);
  try {
    const found =
      planned ??
      (await planCluster({
        ...run,
        options: { ...options, namespaces, injector: { ...options.injector, deadlineSeconds } },
        emit: () => undefined,
        tried: log.tried,
      }));
    await rememberRestarts(api, found, log.tried);
  } catch {
    // The next run may repeat these restarts.
  }
}
