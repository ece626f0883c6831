import { askInjector } from '../plan/ask-injector';
import { awaitInjector } from './await-injector';
import { checkPermissions } from './check-permissions';
import type { ApiOptions, KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { parseSelector } from '../cluster/label-selector';
import { isChosen, makePlan, removals, type PlanOptions, type Purpose } from '../plan/make-plan';
import { decided, nameOf, planOf, type Decisions, type RestartPlan, type WorkloadPlan } from '../plan/plan';
import { readSnapshot } from '../snapshot/read-snapshot';
import type { FailedWorkload, RestartedWorkload, RestartReport, WorkloadName } from './restart-report';
import { eventObject, eventOfPlan, eventOfResult, EventRecorder, type WorkloadEvent } from './record-events';
import type { MutualTlsTransition } from '../plan/mutual-tls/transition';
import { beginTransitions, endTransitions, readTransitions } from './transitions';
import { RestartError } from '../restart-error';
import { checkOptions, type RestartOptions } from './restart-options';
import { deadlineOf, rollOut, type RollOutResult, type RollOutTask } from '../rollout/roll-out';
import type { RollOutEvent } from './roll-out-event';
import { keyOf, type RollableWorkload, type Snapshot } from '../snapshot/snapshot';
import { isGateway } from '../injector/sidecar';
import { Stopping } from '../rollout/stopping';
import { refused, withCluster } from '../cluster/with-cluster';

const FURTHER_ROUNDS = 2;
/** How long a round may be silent while something moves. */
const STATUS_MILLISECONDS = 10_000;

/**
 * What is out of date, and what would be done about it. Changes nothing.
 *
 * @throws RestartError, for anything that keeps the answer from being certain
 */
export async function planRestarts(options: RestartOptions = {}): Promise<RestartPlan> {
  checkOptions(options);
  return withRun(options, 'update', async (run) => {
    await settled(run);
    const { plan } = await planOnce(run);
    const { transitions } = await readTransitions(run.api, plan, options.strictFollows);
    return transitions.length === 0 ? plan : { ...plan, transitions };
  });
}

/**
 * After Istio is gone: what still carries a sidecar, and what would be done about it. Changes nothing.
 *
 * @throws RestartError, as `planRestarts`
 */
export async function planRemoval(options: RestartOptions = {}): Promise<RestartPlan> {
  checkOptions(options);
  return withRun(options, 'remove', async (run) => (await planOnce(run)).plan);
}

/**
 * Brings every workload's sidecar to what the injector gives today: waits until the injector knows its configuration,
 * plans, rolls, and plans again; what is still out of date is rolled in a further round, twice at most.
 *
 * @throws RestartError; nothing was restarted unless its message names what was
 */
export async function restartWorkloads(options: RestartOptions = {}): Promise<RestartReport> {
  checkOptions(options);
  return withRun(options, 'update', runRounds);
}

/**
 * After Istio is gone: rolls what still carries a sidecar, so that it comes back without.
 *
 * @throws RestartError, as `restartWorkloads`
 */
export async function removeSidecars(options: RestartOptions = {}): Promise<RestartReport> {
  checkOptions(options);
  return withRun(options, 'remove', runRounds);
}

/**
 * Waits until the control plane is rolled out and its injector knows its configuration; see `awaitInjector`.
 *
 * @throws RestartError
 */
export async function awaitControlPlane(
  options: Pick<RestartOptions, keyof ApiOptions | 'injector' | 'onProgress'> = {},
): Promise<void> {
  checkOptions(options);
  await withCluster(options, (api) => awaitInjector(api, options.injector, options.onProgress));
}

/** One call of the engine: what its steps have in common. */
interface Run {
  readonly api: KubernetesApi;
  readonly options: RestartOptions;
  readonly purpose: Purpose;
  readonly stopping: Stopping;
  readonly emit: (event: RollOutEvent) => void;
  /** Tells a person, as text and as data. */
  readonly note: (message: string) => void;
}

async function withRun<T>(options: RestartOptions, purpose: Purpose, work: (run: Run) => Promise<T>): Promise<T> {
  const stopping = new Stopping(options);
  const emit = options.onRollOut ?? (() => undefined);
  const note = (message: string) => {
    options.onProgress?.(message);
    emit({ type: 'note', message });
  };
  try {
    return await withCluster({ ...options, signal: stopping.signal }, (api) =>
      work({ api, options, purpose, stopping, emit, note }),
    );
  } finally {
    stopping.close();
  }
}

/** Sidecars are compared with what the injector gives once it knows its configuration; where it is gone, with none. */
async function settled({ api, options, purpose, note }: Run): Promise<void> {
  if (purpose === 'update') {
    await awaitInjector(api, options.injector, note);
  }
}

interface Planned {
  readonly snapshot: Snapshot;
  readonly plan: RestartPlan;
}

async function planOnce({ api, options, purpose }: Run): Promise<Planned> {
  const snapshot = without(await readSnapshot(api), options.except);
  const planOptions: PlanOptions = {
    purpose,
    namespaces: options.namespaces,
    selector: options.selector === undefined ? undefined : parseSelector(options.selector),
    now: new Date(api.serverTime),
  };
  const answers = await askInjector(api, snapshot, (workload) => isChosen(workload, snapshot, planOptions));
  const lost = purpose === 'update' ? removals(snapshot, answers) : [];
  if (lost.length > 0) {
    throw new RestartError(
      'SidecarsWouldBeRemoved',
      `Nothing was restarted: ${String(lost.length)} ${lost.length === 1 ? 'workload asks' : 'workloads ask'} for injection but would come back without a sidecar (${listed(lost.map(nameOf))}). Check that the injection webhook of their revision exists and selects them; to take them out of the mesh, label their namespace istio-injection=disabled.`,
    );
  }
  const decisions = makePlan(snapshot, answers, planOptions);
  return { snapshot, plan: planOf(decisions, { cluster: api.context, time: api.serverTime }) };
}

function without(snapshot: Snapshot, except: readonly WorkloadName[] = []): Snapshot {
  const left = new Set(except.map(keyOf));
  return { ...snapshot, workloads: snapshot.workloads.filter((workload) => !left.has(keyOf(workload))) };
}

async function runRounds(run: Run): Promise<RestartReport> {
  const { api, options, emit, stopping } = run;
  const log: RoundLog = { restarted: new Map(), waited: new Map(), begun: new Map(), notStarted: new Map() };
  const confirmed = new Set<string>();
  let deadline = deadlineOf(options);
  const recorder = new EventRecorder(api, run.note, options.events ?? true);
  let rounds = 0;
  try {
    await settled(run);
    for (;;) {
      const { snapshot, plan } = await planOnce(run);
      emit({ type: 'planned', plan });
      const transitions = await readTransitions(api, plan, options.strictFollows);
      const due = plan.workloads.filter(({ decision }) => decision === 'restart' || decision === 'wait');
      refuseFailures(rounds > FURTHER_ROUNDS ? due.map((workload) => stillOutdated(workload, rounds)) : []);
      if (due.length === 0) {
        await beginTransitions(api, transitions);
        await endTransitions(api, transitions);
        await recorder.record(...eventsOf(snapshot, plan));
        return reportOf(plan, transitions.transitions, log, rounds);
      }
      const isUnconfirmed = due.some((one) => one.decision === 'restart' && !confirmed.has(keyOf(one)));
      if (options.confirm && isUnconfirmed) {
        const askedAt = Date.now();
        await askFor(api, options.confirm, plan);
        deadline += Date.now() - askedAt;
        for (const workload of due) {
          confirmed.add(keyOf(workload));
        }
        // The answer may have taken long: what was said yes to may be done, deferred or different by now.
        await settled(run);
        continue;
      }
      rounds += 1;
      transitions.transitions
        .filter(({ state }) => state !== 'ended')
        .forEach(({ message }) => {
          run.note(message);
        });
      await beginTransitions(api, transitions);
      const missing = await rollOutRound({ ...run, log, rounds, deadline, recorder }, snapshot, due);
      refuseFailures(missing.some(({ outcome }) => outcome === 'failed') || !stopping.isDraining ? missing : []);
      if (stopping.isDraining) {
        throw new RestartError('Aborted', 'Stopped on request', { remedy: 'run again to go on where this left off' });
      }
    }
  } catch (error) {
    throw withProgress(error instanceof ApiFailure ? refused(error) : error, log);
  }
}

/** @throws RestartError `Aborted`, unless the answer is yes */
async function askFor(
  api: KubernetesApi,
  confirm: NonNullable<RestartOptions['confirm']>,
  plan: RestartPlan,
): Promise<void> {
  const isConfirmed = await confirm(plan);
  api.checkAborted();
  if (!isConfirmed) {
    throw new RestartError('Aborted', 'Nothing was restarted: the plan was declined.');
  }
}

/** What the rounds so far have done. */
interface RoundLog {
  readonly restarted: Map<string, RestartedWorkload>;
  readonly waited: Map<string, WorkloadName>;
  /** Told to roll, and not known to have finished. */
  readonly begun: Map<string, WorkloadName>;
  /** Left by a run that was told to stop. */
  readonly notStarted: Map<string, WorkloadName>;
}

interface Round extends Run {
  readonly log: RoundLog;
  readonly rounds: number;
  /** When the run's time is up, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly recorder: EventRecorder;
}

async function rollOutRound(
  { api, options, stopping, emit, log, rounds, deadline, recorder }: Round,
  snapshot: Snapshot,
  due: readonly WorkloadPlan[],
): Promise<readonly RollOutResult[]> {
  const tell = options.onProgress ?? (() => undefined);
  const plans = new Map(due.map((workload) => [keyOf(workload), workload]));
  const rolled = snapshot.workloads.filter(
    (workload): workload is RollableWorkload => workload.type === 'rollable' && plans.has(keyOf(workload)),
  );
  const objects = new Map(rolled.map((workload) => [keyOf(workload), eventObject(workload)]));
  const tasks = rolled.map((workload): RollOutTask => {
    const { owner, namespace, name, object, template } = workload;
    const plan = plans.get(keyOf(workload));
    const action = plan?.decision === 'restart' ? 'restart' : 'wait';
    const outdated = workload.pods.filter((pod) => plan?.pods.includes(pod.name));
    const isLast = isGateway(template);
    const order = workload.settings.order ?? snapshot.namespaces.get(namespace)?.settings.order ?? 0;
    const { uid } = object.metadata;
    return { owner, namespace, name, uid, action, planned: object, outdated, order, isGateway: isLast };
  });
  await checkPermissions(api, tasks);
  tell(`rolling ${String(tasks.length)} ${tasks.length === 1 ? 'workload' : 'workloads'}`);
  emit({
    type: 'roundBegan',
    round: rounds,
    workloads: tasks.map((task) => ({ ...workloadOf(task), action: task.action })),
  });
  let done = 0;
  const onBegin = (task: RollOutTask) => {
    const workload = workloadOf(task);
    log.begun.set(keyOf(workload), workload);
    emit({ type: 'began', workload, action: 'restart' });
  };
  const onWait = (task: RollOutTask) => {
    emit({ type: 'began', workload: workloadOf(task), action: 'wait' });
  };
  // The server tells whole seconds, but a second restart within one has to differ from the first.
  const restartedAt = new Date(api.serverTime + (Date.now() % 1000)).toISOString();
  let toldAt = Date.now();
  const onStatus = (task: RollOutTask, message: string) => {
    emit({ type: 'status', workload: workloadOf(task), message });
    if (Date.now() - toldAt >= STATUS_MILLISECONDS) {
      toldAt = Date.now();
      tell(`${nameOf(workloadOf(task))}: ${message}`);
    }
  };
  const onResult = async (result: RollOutResult) => {
    done += 1;
    toldAt = Date.now();
    if (result.outcome !== 'failed') {
      log.begun.delete(keyOf(result));
    }
    record(result, plans.get(keyOf(result)), log);
    tell(`${String(done)}/${String(tasks.length)} ${nameOf(result)}: ${result.message || result.outcome}`);
    const { namespace, kind, name, outcome, message } = result;
    emit({ type: 'ended', workload: { namespace, kind, name }, outcome, message });
    const object = objects.get(keyOf(result));
    const because = plans.get(keyOf(result))?.message ?? '';
    await recorder.record(...(object ? eventOfResult(object, result, because, restartedAt) : []));
  };
  const observer = { onBegin, onWait, onStatus, onResult };
  const results = await stopping.whileRolling(() => rollOut(api, tasks, restartedAt, options, observer, deadline));
  // From here on the results name those that have failed.
  log.begun.clear();
  return results.filter(({ outcome }) => outcome === 'failed' || outcome === 'notStarted');
}

function workloadOf({ owner: { kind }, namespace, name }: RollOutTask): WorkloadName {
  return { namespace, kind, name };
}

function eventsOf(snapshot: Snapshot, plan: Decisions): readonly WorkloadEvent[] {
  const plans = new Map(plan.workloads.map((workload) => [keyOf(workload), workload]));
  return snapshot.workloads.flatMap((workload) => {
    const planned = plans.get(keyOf(workload));
    return planned ? eventOfPlan(eventObject(workload), planned) : [];
  });
}

function record(result: RollOutResult, plan: WorkloadPlan | undefined, log: RoundLog): void {
  const { namespace, kind, name, outcome } = result;
  const workload = { namespace, kind, name };
  if (outcome === 'restarted') {
    const { message = '', differences = [] } = plan ?? {};
    log.restarted.set(keyOf(workload), { ...workload, message, differences });
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
  const waited = inPlannedOrder(log.waited);
  const warnings = decided(plan, 'warn');
  const skipped = decided(plan, 'skip');
  const deferred = decided(plan, 'deferred');
  const undetermined = decided(plan, 'undetermined');
  return {
    schemaVersion: 1,
    restarted,
    waited,
    warnings,
    skipped,
    deferred,
    undetermined,
    ignoredAnnotations: plan.ignoredAnnotations,
    transitions,
    counts: {
      restarted: restarted.length,
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
  if (failed.length > 0) {
    const [first] = failed;
    throw new RestartError(
      'RolloutFailed',
      `${String(failed.length)} ${failed.length === 1 ? 'workload was' : 'workloads were'} not brought up to date: ${failed.map((one) => `${nameOf(one)}: ${one.message.replace(/\.$/, '')}`).join('; ')}. See why with kubectl ${first ? `-n ${first.namespace} describe ${first.kind.toLowerCase()}/${first.name}` : 'describe'}, and run again: what is up to date by then is left alone.`,
    );
  }
}

/** An error half-way says what had been done until then; one before the first restart says what it said. */
function withProgress(error: unknown, log: RoundLog): unknown {
  const restarted = inPlannedOrder(log.restarted);
  const begun = inPlannedOrder(log.begun);
  // A failed rollout names those itself.
  const notStarted = error instanceof RestartError && error.code === 'Aborted' ? inPlannedOrder(log.notStarted) : [];
  if (!(error instanceof RestartError) || restarted.length + begun.length + notStarted.length === 0) {
    return error;
  }
  const sentences = [
    error.message.replace(/^Nothing was restarted[,:]? ?/, '').replace(/\.?$/, '.'),
    ...(restarted.length > 0 ? [`Restarted before that: ${listed(restarted.map(nameOf))}.`] : []),
    ...(begun.length > 0 ? [`Begun, and not seen to finish: ${listed(begun.map(nameOf))}.`] : []),
    ...(notStarted.length > 0 ? [`Not started: ${listed(notStarted.map(nameOf))}.`] : []),
  ];
  return new RestartError(error.code, sentences.join(' '), { cause: error });
}

/** Rollouts that are under way at the same time finish in any order. */
function inPlannedOrder<T extends WorkloadName>(workloads: ReadonlyMap<string, T>): readonly T[] {
  return [...workloads].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, workload]) => workload);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} and ${String(names.length - 10)} more` : shown;
}
