import { InjectorAlone } from '../injector/injector-alone';
import { awaitInjector } from './await-injector';
import { checkPermissions } from './check-permissions';
import type { ApiOptions, KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import type { Purpose } from '../plan/plan-options';
import type { RestartMark } from '../plan/restart-mark';
import { rememberRestarts } from './remember-restarts';
import { rollOutTasks, type DueRollOut } from './roll-out-tasks';
import { planCluster, type Planned } from './plan-cluster';
import { decided, nameOf, type Decision, type Decisions, type RestartPlan, type WorkloadPlan } from '../plan/plan';
import type { FailedWorkload, RestartedWorkload, RestartReport, UpdatedWorkload, WorkloadName } from './restart-report';
import { EventRecorder } from './event-recorder';
import { PlanPublisher } from './plan-publisher';
import { handOn } from './hand-on';
import type { MutualTlsTransition } from '../plan/mutual-tls/transition';
import { beginTransitions, endTransitions, readTransitions } from './transitions';
import { RestartError } from '../restart-error';
import { checkOptions, type RestartOptions } from './restart-options';
import { deadlineOf, rollOut } from '../rollout/roll-out';
import type { RollOutObserver, RollOutResult, RollOutTask } from '../rollout/roll-out-task';
import type { RollOutAction, RunEvent, RunWorkload } from './run-event';
import { keyOf, type Workload } from '../snapshot/snapshot';
import { Stopping } from '../rollout/stopping';
import { refused, withCluster } from '../cluster/with-cluster';
import { shellCommand } from '../cluster/shell-command';

const FURTHER_ROUNDS = 2;
/** Decisions that a run acts on. */
export const DUE: ReadonlySet<Decision> = new Set(['restart', 'update', 'wait']);

/**
 * Plans which outdated workloads a restart would change, and how. Changes nothing.
 *
 * @throws RestartError if the plan would be uncertain
 */
export async function planRestarts(options: RestartOptions = {}): Promise<RestartPlan> {
  checkOptions(options);
  return withRun(options, 'update', async (run) => {
    const planned = await planCluster(run);
    const { transitions } = await readTransitions(run.api, planned, options.strictFollows);
    const { plan } = planned;
    return transitions.length === 0 ? plan : { ...plan, transitions };
  });
}

/**
 * Plans which workloads still have a sidecar after an uninstall of Istio, and how to remove it. Changes nothing.
 *
 * @throws RestartError in the same cases as `planRestarts`
 */
export async function planRemoval(options: RestartOptions = {}): Promise<RestartPlan> {
  checkOptions(options);
  return withRun(options, 'remove', async (run) => (await planCluster(run)).plan);
}

/**
 * Brings every workload's sidecar up to date: waits until the injector uses its current configuration, plans, restarts,
 * and plans again. In at most two further rounds, restarts workloads that are still out of date.
 *
 * @throws RestartError whose `done` contains what was restarted before the error
 */
export async function restartWorkloads(options: RestartOptions = {}): Promise<RestartReport> {
  checkOptions(options);
  return withRun(options, 'update', runRounds);
}

/**
 * After an uninstall of Istio: restarts workloads that still have a sidecar, which removes it.
 *
 * @throws RestartError in the same cases as `restartWorkloads`
 */
export async function removeSidecars(options: RestartOptions = {}): Promise<RestartReport> {
  checkOptions(options);
  return withRun(options, 'remove', runRounds);
}

/**
 * Waits until the control plane is rolled out and its injector uses its current configuration.
 *
 * @throws RestartError
 */
export async function awaitControlPlane(
  options: Pick<RestartOptions, keyof ApiOptions | 'injector' | 'onEvent'> = {},
): Promise<void> {
  checkOptions(options);
  await withCluster(options, (api) =>
    awaitInjector(api, {
      wait: options.injector,
      onEvent: handOn(options),
      alone: new InjectorAlone(api),
    }),
  );
}

/** The common data of the steps of one call. */
interface Run {
  readonly api: KubernetesApi;
  readonly options: RestartOptions;
  readonly purpose: Purpose;
  readonly stopping: Stopping;
  readonly emit: (event: RunEvent) => void;
  /** Returns when Events and plans so far are written to the cluster. */
  readonly settled: () => Promise<unknown>;
}

async function withRun<T>(options: RestartOptions, purpose: Purpose, work: (run: Run) => Promise<T>): Promise<T> {
  const stopping = new Stopping(options);
  const tell = handOn(options);
  try {
    return await withCluster({ ...options, signal: stopping.signal }, (api) => {
      const recorder = new EventRecorder(api, options, (message) => {
        tell({ type: 'eventsRefused', message });
      });
      const publisher = new PlanPublisher(api, options, (message) => {
        tell({ type: 'planNotPublished', message });
      });
      const emit = (event: RunEvent) => {
        tell(event);
        recorder.onEvent(event);
        publisher.onEvent(event);
      };
      const settled = () => Promise.all([recorder.settled(), publisher.settled()]);
      return work({ api, options, purpose, stopping, emit, settled });
    });
  } finally {
    stopping.close();
  }
}

async function runRounds(run: Run): Promise<RestartReport> {
  const { api, options, emit, settled, stopping } = run;
  const log: RoundLog = {
    restarted: new Map(),
    updated: new Map(),
    waited: new Map(),
    begun: new Map(),
    notStarted: new Map(),
    tried: new Map(),
  };
  const confirmed = new Set<string>();
  let deadline = deadlineOf(options);
  let rounds = 0;
  try {
    for (;;) {
      const planned = await planCluster({ ...run, tried: log.tried });
      const { plan } = planned;
      emit({ type: 'planned', plan });
      const transitions = await readTransitions(api, planned, options.strictFollows);
      const due = plan.workloads.filter(({ decision }) => DUE.has(decision));
      refuseFailures(rounds > FURTHER_ROUNDS ? due.map((workload) => stillOutdated(workload, rounds)) : []);
      if (due.length === 0) {
        await beginTransitions(api, transitions);
        await endTransitions(api, transitions);
        await rememberRestarts(api, planned, log.tried);
        workloadsLeft(planned).forEach(emit);
        await settled();
        return reportOf(plan, transitions.transitions, log, rounds);
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
      transitions.transitions
        .filter(({ state }) => state !== 'ended')
        .forEach((transition) => {
          emit({ type: 'transition', transition });
        });
      await beginTransitions(api, transitions);
      const missing = await rollOutRound({ ...run, log, rounds, deadline }, planned, due);
      refuseFailures(missing.some(({ outcome }) => outcome === 'failed') || !stopping.isDraining ? missing : []);
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

/** The results of the rounds so far. */
interface RoundLog {
  readonly restarted: Map<string, RestartedWorkload>;
  readonly updated: Map<string, UpdatedWorkload>;
  readonly waited: Map<string, WorkloadName>;
  /** Started, but not confirmed complete. */
  readonly begun: Map<string, WorkloadName>;
  /** Not started by a stopped run. */
  readonly notStarted: Map<string, WorkloadName>;
  /** The reasons of restarts and updates, by the workload's `id`. */
  readonly tried: Map<string, RestartMark>;
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
): Promise<readonly RollOutResult[]> {
  // The API server stores whole seconds, but a second restart within one second must differ from the first.
  const time = new Date(api.clock.now + (Date.now() % 1000)).toISOString();
  const rollOuts = rollOutTasks(planned, due, time);
  const byKey = new Map(rollOuts.map((one) => [keyOf(one.plan), one]));
  const tasks = rollOuts.map(({ task }) => task);
  await checkPermissions(api, tasks);
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
      if (result.outcome !== 'failed') {
        log.begun.delete(keyOf(result));
      }
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
  return results.filter(({ outcome }) => outcome === 'failed' || outcome === 'notStarted');
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

function record(result: RollOutResult, rolledOut: DueRollOut | undefined, log: RoundLog): void {
  const { namespace, kind, name, outcome } = result;
  const workload = { namespace, kind, name };
  const { message = '', differences = [], inPlace, method } = rolledOut?.plan ?? {};
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

function refuseFailures(failed: readonly FailedWorkload[]): void {
  const [first] = failed;
  if (first) {
    throw new RestartError(
      'RolloutFailed',
      `${String(failed.length)} ${failed.length === 1 ? 'workload was' : 'workloads were'} not brought up to date: ${failed.map((one) => `${nameOf(one)}: ${one.message.replace(/\.$/, '')}`).join('; ')}. See why with ${shellCommand('kubectl', '-n', first.namespace, 'describe', `${first.kind.toLowerCase()}/${first.name}`)}, and run again. Workloads that are up to date by then are skipped.`,
    );
  }
}

function withProgress(error: unknown, log: RoundLog): unknown {
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
function inPlannedOrder<T extends WorkloadName>(workloads: ReadonlyMap<string, T>): readonly T[] {
  return [...workloads].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, workload]) => workload);
}
