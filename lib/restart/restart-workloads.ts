import { askInjector } from './ask-injector';
import { awaitInjector } from './await-injector';
import { checkPermissions } from './check-permissions';
import type { ApiOptions, KubernetesApi } from './kubernetes/api';
import { ApiFailure } from './kubernetes/api-failure';
import { parseSelector } from './label-selector';
import { isChosen, makePlan, removals, type PlanOptions, type Purpose } from './make-plan';
import { decided, nameOf, planOf, type Decisions, type RestartPlan, type WorkloadPlan } from './plan';
import { readSnapshot } from './read-snapshot';
import type { FailedWorkload, RestartedWorkload, RestartReport, WorkloadName } from './report';
import { eventObject, eventOfPlan, eventOfResult, EventRecorder, type WorkloadEvent } from './record-events';
import { RestartError } from './restart-error';
import { checkOptions, type RestartOptions } from './restart-options';
import { deadlineOf, rollOut, type RollOutResult, type RollOutTask } from './roll-out';
import { keyOf, type RollableWorkload, type Snapshot } from './snapshot';
import { isGateway } from './sidecar';
import { refused, withCluster } from './with-cluster';

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
  return withCluster(options, async (api) => {
    await awaitInjector(api, options.injector, options.onProgress);
    const { plan } = await planOnce(api, options, 'update');
    return planOf(plan, { cluster: api.context, time: api.serverTime });
  });
}

/**
 * Brings every workload's sidecar to what the injector gives today: waits until the injector knows its configuration,
 * plans, rolls, and plans again; what is still out of date is rolled in a further round, twice at most.
 *
 * @throws RestartError; nothing was restarted unless its message names what was
 */
export async function restartWorkloads(options: RestartOptions = {}): Promise<RestartReport> {
  checkOptions(options);
  return withCluster(options, (api) => run(api, options, 'update'));
}

/**
 * After Istio is gone: rolls what still carries a sidecar, so that it comes back without.
 *
 * @throws RestartError, as `restartWorkloads`
 */
export async function removeSidecars(options: RestartOptions = {}): Promise<RestartReport> {
  checkOptions(options);
  return withCluster(options, (api) => run(api, options, 'remove'));
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

interface Planned {
  readonly snapshot: Snapshot;
  readonly plan: Decisions;
}

async function planOnce(api: KubernetesApi, options: RestartOptions, purpose: Purpose): Promise<Planned> {
  const snapshot = await readSnapshot(api);
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
  return { snapshot, plan: makePlan(snapshot, answers, planOptions) };
}

async function run(api: KubernetesApi, options: RestartOptions, purpose: Purpose): Promise<RestartReport> {
  const tell = options.onProgress ?? (() => undefined);
  const log: RoundLog = { restarted: new Map(), waited: new Map(), begun: new Map() };
  const deadline = deadlineOf(options);
  const recorder = new EventRecorder(api, tell, options.events ?? true);
  let rounds = 0;
  try {
    if (purpose === 'update') {
      await awaitInjector(api, options.injector, tell);
    }
    for (;;) {
      const { snapshot, plan } = await planOnce(api, options, purpose);
      const due = plan.workloads.filter(({ decision }) => decision === 'restart' || decision === 'wait');
      refuseFailures(rounds > FURTHER_ROUNDS ? due.map((workload) => stillOutdated(workload, rounds)) : []);
      if (due.length === 0) {
        await recorder.record(...eventsOf(snapshot, plan));
        return reportOf(plan, log, rounds);
      }
      rounds += 1;
      refuseFailures(await rollOutRound({ api, options, log, tell, deadline, recorder }, snapshot, due));
    }
  } catch (error) {
    throw withProgress(error instanceof ApiFailure ? refused(error) : error, log);
  }
}

/** What the rounds so far have done. */
interface RoundLog {
  readonly restarted: Map<string, RestartedWorkload>;
  readonly waited: Map<string, WorkloadName>;
  /** Told to roll, and not known to have finished. */
  readonly begun: Map<string, WorkloadName>;
}

interface Round {
  readonly api: KubernetesApi;
  readonly options: RestartOptions;
  readonly log: RoundLog;
  readonly tell: (message: string) => void;
  /** When the run's time is up, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly recorder: EventRecorder;
}

async function rollOutRound(
  { api, options, log, tell, deadline, recorder }: Round,
  snapshot: Snapshot,
  due: readonly WorkloadPlan[],
): Promise<readonly FailedWorkload[]> {
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
  let done = 0;
  const onBegin = ({ owner: { kind }, namespace, name }: RollOutTask) => {
    log.begun.set(keyOf({ kind, namespace, name }), { kind, namespace, name });
  };
  // The server tells whole seconds, but a second restart within one has to differ from the first.
  const restartedAt = new Date(api.serverTime + (Date.now() % 1000)).toISOString();
  let toldAt = Date.now();
  const onStatus = ({ owner: { kind }, namespace, name }: RollOutTask, message: string) => {
    if (Date.now() - toldAt >= STATUS_MILLISECONDS) {
      toldAt = Date.now();
      tell(`${nameOf({ kind, namespace, name })}: ${message}`);
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
    const object = objects.get(keyOf(result));
    const because = plans.get(keyOf(result))?.message ?? '';
    await recorder.record(...(object ? eventOfResult(object, result, because, restartedAt) : []));
  };
  const results = await rollOut(api, tasks, restartedAt, options, { onBegin, onStatus, onResult }, deadline);
  // From here on the results name those that have failed.
  log.begun.clear();
  return results.filter(({ outcome }) => outcome === 'failed' || outcome === 'notStarted');
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
  }
}

function stillOutdated({ namespace, kind, name, message }: WorkloadPlan, rounds: number): FailedWorkload {
  return { namespace, kind, name, message: `still out of date after ${String(rounds)} rounds: ${message}` };
}

function reportOf(plan: Decisions, log: RoundLog, rounds: number): RestartReport {
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
  if (!(error instanceof RestartError) || restarted.length + begun.length === 0) {
    return error;
  }
  const sentences = [
    error.message.replace(/^Nothing was restarted[,:]? ?/, '').replace(/\.?$/, '.'),
    ...(restarted.length > 0 ? [`Restarted before that: ${listed(restarted.map(nameOf))}.`] : []),
    ...(begun.length > 0 ? [`Begun, and not seen to finish: ${listed(begun.map(nameOf))}.`] : []),
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
