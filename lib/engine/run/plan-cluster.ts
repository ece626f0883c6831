import type { KubernetesApi } from '../cluster/api';
import type { WebhookConfiguration } from '../cluster/objects';
import { listed } from '../listed';
import { DryRuns } from '../injector/dry-runs';
import { InjectorAlone } from '../injector/injector-alone';
import { readWebhookConfigurations } from '../istio/control-planes';
import { injectionWebhooks, otherWebhooks } from '../istio/injection-webhooks';
import { askInjector, type InjectorAnswers } from '../plan/ask-injector';
import { lostSidecars } from '../plan/lost-sidecars';
import { makePlan } from '../plan/make-plan';
import { nameOf, planOf, type RestartPlan } from '../plan/plan';
import { isChosen, type Purpose } from '../plan/plan-options';
import type { RestartMark } from '../plan/restart-mark';
import { RestartError } from '../restart-error';
import { readSnapshot } from '../snapshot/read-snapshot';
import { SidecarPool } from '../snapshot/sidecar-pool';
import { keyOf, type Snapshot, type Workload } from '../snapshot/snapshot';
import { askedFor } from './asked-for';
import { awaitInjector, type InjectorReady } from './await-injector';
import { planOptionsOf } from './plan-options-of';
import { readAndWait } from './read-and-wait';
import { refuseResize } from './refuse-resize';
import type { RestartOptions } from './restart-options';
import type { WorkloadName } from './restart-report';
import type { RunEvent } from './run-event';

/** The input of a plan. */
export interface Planning {
  readonly api: KubernetesApi;
  readonly options: RestartOptions;
  readonly purpose: Purpose;
  readonly emit: (event: RunEvent) => void;
  /** The reasons of restarts earlier in the run, by the workload's `id`. */
  readonly tried?: ReadonlyMap<string, RestartMark>;
}

/** A plan, with the data that it was made from. */
export interface Planned {
  readonly snapshot: Snapshot;
  readonly answers: InjectorAnswers;
  readonly plan: RestartPlan;
  /** All MutatingWebhookConfigurations of the cluster. */
  readonly configurations: readonly WebhookConfiguration[];
}

/**
 * Reads the cluster, waits until the injectors in use have their current configuration, asks them, and decides. A
 * removal does not wait for an injector.
 *
 * @throws RestartError if the plan would be uncertain
 */
export async function planCluster(planning: Planning): Promise<Planned> {
  const { api, options, purpose, emit, tried } = planning;
  const alone = new InjectorAlone(api);
  const dryRuns = new DryRuns();
  const sidecars = new SidecarPool();
  const planOptions = { ...planOptionsOf(api, options, purpose), tried };
  const { snapshot, ready } = await readAndWait(
    () => read(planning, sidecars),
    async (reading): Promise<InjectorReady> =>
      purpose === 'update'
        ? awaitInjector(api, {
            ...{ wait: options.injector, onEvent: emit, alone },
            isUsed: reading.then((snapshot) => askedFor(snapshot, planOptions)),
          })
        : { hasWaited: false, notes: [], configurations: await readWebhookConfigurations(api) },
  );
  const answers = await askInjector(api, snapshot, (workload) => isChosen(workload, snapshot, planOptions), {
    webhooks: injectionWebhooks(ready.configurations),
    others: otherWebhooks(ready.configurations),
    alone,
    ...{ dryRuns, sidecars, tried },
  });
  refuseLost(purpose === 'update' ? lostSidecars(snapshot, answers) : []);
  const decisions = makePlan(snapshot, answers, planOptions);
  await refuseResize(api, decisions);
  const plan = planOf(decisions, { cluster: api.context, time: api.clock.now });
  const notes = [
    ...unknownNamespaces(options, snapshot),
    ...ready.notes,
    ...withoutDryRuns(dryRuns.deniedIn),
    ...alone.problems.map(withoutInjectorAlone),
  ];
  return {
    ...{ snapshot, answers, configurations: ready.configurations },
    plan: notes.length === 0 ? plan : { ...plan, notes },
  };
}

async function read({ api, options: { except = [] }, emit }: Planning, sidecars: SidecarPool): Promise<Snapshot> {
  emit({ type: 'reading' });
  const snapshot = await readSnapshot(api, sidecars);
  const left = new Set(except.map((workload: WorkloadName) => keyOf(workload)));
  return { ...snapshot, workloads: snapshot.workloads.filter((workload) => !left.has(keyOf(workload))) };
}

function refuseLost(lost: readonly Workload[]): void {
  if (lost.length > 0) {
    throw new RestartError(
      'SidecarsWouldBeRemoved',
      `${String(lost.length)} ${lost.length === 1 ? 'workload requests' : 'workloads request'} injection but would come back without a sidecar (${listed(lost.map(nameOf))}). Check that the injection webhook of their revision exists and selects them; to take them out of the mesh, label their namespace istio-injection=disabled.`,
    );
  }
}

function unknownNamespaces({ namespaces = [] }: RestartOptions, snapshot: Snapshot): readonly string[] {
  const unknown = namespaces.filter((name) => !snapshot.namespaces.has(name));
  const one = unknown.length === 1;
  return unknown.length === 0
    ? []
    : [`the selected ${one ? 'namespace' : 'namespaces'} ${listed(unknown)} ${one ? 'does' : 'do'} not exist`];
}

function withoutDryRuns(namespaces: readonly string[]): readonly string[] {
  return namespaces.length === 0
    ? []
    : [
        `fields that others besides the injector may set are undetermined, since the credentials may not create pods, not even as a dry run, in ${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${listed(namespaces)}`,
      ];
}

function withoutInjectorAlone(why: string): string {
  return `differences that other admission webhooks cause are treated as Istio's, since ${why}`;
}
