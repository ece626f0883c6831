import type { InjectorAnswer } from '../injector/ask-for-pod';
import { askInjector, type InjectorAnswers } from '../plan/ask-injector';
import { askedFor } from './asked-for';
import { awaitInjector } from './await-injector';
import { INJECTION_WEBHOOK, injectionWebhooks, otherWebhooks } from '../istio/injection-webhooks';
import { InjectorAlone } from '../injector/injector-alone';
import { changes, type Difference } from '../injector/differences';
import { dryRunPod } from '../plan/dry-run-pod';
import { injectorConfiguration } from '../istio/injector-configuration';
import type { KubernetesApi } from '../cluster/api';
import { listed } from '../listed';
import { lostSidecars } from '../plan/lost-sidecars';
import { makePlan } from '../plan/make-plan';
import { isChosen } from '../plan/plan-options';
import { nameOf, planOf, type PlanBound, type RestartPlan } from '../plan/plan';
import { handOn } from './hand-on';
import { planOptionsOf } from './plan-options-of';
import { readSnapshot } from '../snapshot/read-snapshot';
import { RestartError } from '../restart-error';
import { readAndWait } from './read-and-wait';
import { refuseResize } from './refuse-resize';
import type { RestartOptions } from './restart-options';
import type { Sidecar } from '../injector/sidecar';
import { SidecarPool } from '../snapshot/sidecar-pool';
import type { Snapshot, Workload } from '../snapshot/snapshot';
import { appliedSnapshot, readAppliedWorkloads, withOwnRollouts } from '../plan/prediction/applied-workloads';
import {
  appliedState,
  readInjectionState,
  type InjectionState,
  type Revision,
} from '../plan/prediction/injection-state';
import { isIstioVariable } from '../plan/prediction/istio-variable';
import { findIstioctl, placeOf, type Istioctl } from '../plan/prediction/istioctl';
import type { Manifest } from '../plan/prediction/manifest';
import { readNativeSidecars, type NativeSidecars } from '../plan/prediction/native-sidecars';
import { comingAnswers, injectOffline, type OfflinePair, type OfflineTask } from '../plan/prediction/offline-injection';
import { offlinePod, type UninjectedPod } from '../plan/prediction/offline-pod';
import { reachingChanges, sameConfiguration } from '../plan/prediction/reaching-configuration';
import { injectorSelection, type SelectedInjector } from '../plan/prediction/selected-injector';

/** Options of a prediction. */
export interface PredictionOptions extends RestartOptions {
  /**
   * Path of an istioctl of the version that the manifests install.
   *
   * @default - the environment variable ISTIOCTL, otherwise istioctl on the PATH; without istioctl, a prediction may
   * only be an upper bound
   */
  readonly istioctl?: string;
}

/** The plan of a restart after the manifests are applied. */
export async function predictedPlan(
  api: KubernetesApi,
  options: PredictionOptions,
  manifests: readonly Manifest[],
): Promise<RestartPlan> {
  const alone = new InjectorAlone(api);
  const sidecars = new SidecarPool();
  const emit = handOn(options);
  const before = await readInjectionState(api);
  const coming = appliedState(before, manifests);
  const isAwaited = hasInjector(before) || !hasInjector(coming);
  const planOptions = planOptionsOf(api, options, 'update');
  const { snapshot: present } = await readAndWait(
    async () => {
      emit({ type: 'reading' });
      return readSnapshot(api, sidecars);
    },
    async (reading) =>
      isAwaited
        ? awaitInjector(api, {
            ...{ wait: options.injector, onEvent: emit, alone },
            isUsed: reading.then((found) => askedFor(found, planOptions)),
          })
        : { hasWaited: false, notes: [], configurations: [] },
  );
  const live = await readAppliedWorkloads(api, present, manifests);
  const snapshot = appliedSnapshot(present, coming, manifests, live);
  const configurations = [...before.webhooks.values()];
  const today = await askInjector(api, snapshot, (workload) => isChosen(workload, snapshot, planOptions), {
    webhooks: injectionWebhooks(configurations),
    others: otherWebhooks(configurations),
    ...{ alone, sidecars },
  });
  const { answers, bound } = await predictedAnswers({ api, options, snapshot, today, before, coming });
  refuseRemovals(lostSidecars(snapshot, answers));
  const decisions = withOwnRollouts(makePlan(snapshot, answers, planOptions), snapshot, manifests, planOptions);
  await refuseResize(api, decisions);
  const plan = planOf(decisions, { cluster: api.context, time: api.clock.now });
  return bound ? { ...plan, bound } : plan;
}

function hasInjector({ webhooks }: InjectionState): boolean {
  return [...webhooks.values()].some(({ webhooks: all = [] }) => all.some(({ name }) => INJECTION_WEBHOOK.test(name)));
}

function refuseRemovals(lost: readonly Workload[]): void {
  if (lost.length > 0) {
    throw new RestartError(
      'SidecarsWouldBeRemoved',
      `With these manifests, ${String(lost.length)} ${lost.length === 1 ? 'workload requests' : 'workloads request'} injection but would come back without a sidecar (${listed(lost.map(nameOf))})`,
      {
        remedy:
          'check that the injection webhook of their revision is among the manifests and selects them; to take them out of the mesh, label their namespace istio-injection=disabled',
      },
    );
  }
}

interface Prediction {
  readonly api: KubernetesApi;
  readonly options: PredictionOptions;
  readonly snapshot: Snapshot;
  /** The answers of the injector. */
  readonly today: InjectorAnswers;
  readonly before: InjectionState;
  readonly coming: InjectionState;
}

/** A workload whose injector, or whose injector's configuration, changes with the manifests. */
interface Affected {
  readonly workload: Workload;
  readonly pod: UninjectedPod;
  readonly today: InjectorAnswer;
  readonly before: SelectedInjector | undefined;
  readonly coming: SelectedInjector | undefined;
}

async function predictedAnswers(
  prediction: Prediction,
): Promise<{ readonly answers: InjectorAnswers; readonly bound?: PlanBound }> {
  const affected = affectedWorkloads(prediction);
  const known = new Map(prediction.today);
  if (affected.length === 0) {
    return { answers: known };
  }
  const istioctl = await findIstioctl(prediction.options.istioctl, prediction.options.signal);
  const changesBetween = oncePerPair(reachingChanges);
  const withheldFrom = ({ before, coming }: Affected) =>
    before && coming ? withheldVariable(changesBetween(before, coming)) : undefined;
  const isExact = (one: Affected) =>
    !one.coming ||
    (istioctl !== undefined && istioctl.version === one.coming.revision.version && withheldFrom(one) === undefined);
  const answers = new Map([...known, ...(await exactAnswers(prediction, affected.filter(isExact), istioctl))]);
  const uncertain: { readonly revision: Revision; readonly withheld: string | undefined }[] = [];
  for (const one of affected.filter((each) => !isExact(each))) {
    const { answer, isCertain } = boundedAnswer(one, prediction, changesBetween);
    answers.set(one.workload.id, answer);
    if (!isCertain && one.coming) {
      uncertain.push({ revision: one.coming.revision, withheld: withheldFrom(one) });
    }
  }
  // Answers about single pods describe today, so they are dropped.
  for (const { workload } of affected) {
    workload.pods.filter(({ uid }) => uid !== workload.id).forEach(({ uid }) => answers.delete(uid));
  }
  const [first] = uncertain;
  return first ? { answers, bound: boundOf(uncertain.length, first, istioctl) } : { answers };
}

/**
 * The answer without its confirmation, because the prediction compares it with all pods of the workload, not only with
 * those for which the injector has confirmed the differences.
 */
function unconfirmed(answer: InjectorAnswer): InjectorAnswer {
  return 'denied' in answer ? answer : { ...answer, isConfirmed: undefined };
}

function affectedWorkloads({ snapshot, today, before, coming }: Prediction): readonly Affected[] {
  const [injectorBefore, injectorComing] = [injectorSelection(before), injectorSelection(coming)];
  const isSame = sameInjection(before, coming, oncePerPair(sameConfiguration));
  return snapshot.workloads.flatMap((workload) => {
    const answer = today.get(workload.id);
    if (!answer) {
      return [];
    }
    // Other webhooks may add the labels that select the injector.
    const { metadata, ...rest } = dryRunPod(workload) as UninjectedPod;
    const pod = { ...rest, metadata: { ...metadata, labels: answer.selectingLabels ?? metadata.labels } };
    const one: Affected = {
      workload,
      pod,
      today: unconfirmed(answer),
      before: injectorBefore(pod),
      coming: injectorComing(pod),
    };
    return isSame(one) ? [] : [one];
  });
}

type OfPair<T> = (before: SelectedInjector, coming: SelectedInjector) => T;

/** Caches results by pair, since configurations are long and the same for most workloads. */
function oncePerPair<T>(work: OfPair<T>): OfPair<T> {
  const known = new Map<string, { readonly result: T }>();
  return (before, coming) => {
    const key = JSON.stringify(
      [before, coming].map(({ revision, cluster, network }) => [revision.name, cluster, network]),
    );
    const found = known.get(key) ?? { result: work(before, coming) };
    known.set(key, found);
    return found.result;
  };
}

/** Whether the same injector with the same configuration injects the pod. */
function sameInjection(
  before: InjectionState,
  coming: InjectionState,
  isSame: OfPair<boolean>,
): (one: Affected) => boolean {
  return ({ pod, before: one, coming: other }) =>
    one && other ? isSame(one, other) && podChanges(pod, before, coming, one, other).length === 0 : one === other;
}

/** The changes for the pod from ProxyConfig resources and the injector's selection of templates. */
function podChanges(
  pod: UninjectedPod,
  ...[before, coming, one, other]: readonly [InjectionState, InjectionState, SelectedInjector, SelectedInjector]
): readonly Difference[] {
  const annotations = [offlinePod(pod, one, before), offlinePod(pod, other, coming)].map(
    (made) => made.metadata.annotations,
  );
  return changes('annotations', ...(annotations as [object, object]));
}

async function exactAnswers(
  { api, options, snapshot, today, before, coming }: Prediction,
  affected: readonly Affected[],
  istioctl: Istioctl | undefined,
): Promise<InjectorAnswers> {
  const asked = affected.flatMap((one) => [one.before, one.coming]).flatMap((one) => (one ? [one.revision] : []));
  const native = await readNativeSidecars(api, snapshot, today, before.revisions, asked);
  const inject = (state: InjectionState, when: 'before' | 'coming', whose: 'the cluster' | 'the manifests') => {
    const tasks = affected.flatMap((one) => taskOf(one, one[when], state, native));
    return istioctl ? injectOffline(istioctl, tasks, whose, options.signal) : new Map<string, never>();
  };
  const ofBefore = await inject(before, 'before', 'the cluster');
  const ofComing = await inject(coming, 'coming', 'the manifests');
  return comingAnswers(
    api,
    affected.map(({ workload, pod, today: answer }): OfflinePair => {
      const { id } = workload;
      return {
        id,
        namespace: workload.namespace,
        today: answer,
        before: ofBefore.get(id),
        coming: ofComing.get(id) ?? { pod },
      };
    }),
  );
}

function taskOf(
  { workload, pod }: Affected,
  injector: SelectedInjector | undefined,
  state: InjectionState,
  native: NativeSidecars,
): readonly OfflineTask[] {
  return injector
    ? [
        {
          id: workload.id,
          pod: offlinePod(pod, injector, state),
          configuration: { ...injector, nativeSidecars: native(injector.revision) },
        },
      ]
    : [];
}

/**
 * The answer if there is no result of istioctl: a pod without a sidecar gets one, and a pod with one may get a
 * different one.
 */
function boundedAnswer(
  { workload, pod, today, before, coming }: Affected,
  states: Pick<Prediction, 'before' | 'coming'>,
  changesBetween: OfPair<readonly Difference[]>,
): { readonly answer: InjectorAnswer; readonly isCertain: boolean } {
  if ('denied' in today || !coming) {
    return { answer: today, isCertain: true };
  }
  const held = workload.pods.find(({ sidecar }) => sidecar)?.sidecar;
  const sidecar = today.sidecar ?? held;
  if (!sidecar) {
    return { answer: { sidecar: someSidecar(coming.revision) }, isCertain: true };
  }
  const found = before
    ? [...changesBetween(before, coming), ...podChanges(pod, states.before, states.coming, before, coming)]
    : [{ path: 'sidecar', old: 'current', new: 'unknown' }];
  return found.length === 0
    ? { answer: today, isCertain: true }
    : { answer: { sidecar, changes: found }, isCertain: false };
}

/** A minimal sidecar, to show that a pod lacks one. */
function someSidecar({ namespace, config, values, mesh }: Revision): Sidecar {
  const configMap = (data: Readonly<Record<string, string>>) => ({ metadata: { name: '', uid: '', namespace }, data });
  const { image } = injectorConfiguration({
    injectorConfigMap: configMap({ config, values }),
    meshConfigMap: configMap({ mesh }),
  });
  return {
    revision: '',
    containers: { 'istio-proxy': { placement: 'container', fields: image === undefined ? {} : { image } } },
    volumes: {},
  };
}

/**
 * A changed environment variable that a template reads, but that is not passed to istioctl, since it is not Istio's
 * own.
 */
function withheldVariable(found: readonly Difference[]): string | undefined {
  const variables = found.flatMap(({ path }) => (path.startsWith('env.') ? [path.slice('env.'.length)] : []));
  return variables.find((name) => !isIstioVariable(name));
}

function boundOf(
  count: number,
  { revision: { name, version }, withheld }: { readonly revision: Revision; readonly withheld: string | undefined },
  istioctl: Istioctl | undefined,
): PlanBound {
  const named = 'with --istioctl or the environment variable ISTIOCTL';
  const [why, remedy] =
    version === undefined
      ? [
          `the Istio version of revision ${name} is unknown`,
          `set the label app.kubernetes.io/version on istiod's Deployment, and pass an istioctl of that version ${named}`,
        ]
      : istioctl?.version === version && withheld !== undefined
        ? [
            `a template of revision ${name} reads istiod's environment variable ${withheld}, which is not passed to istioctl`,
            'rename it so that it begins with ISTIO_',
          ]
        : [
            istioctl
              ? `revision ${name} will be Istio ${version}, but istioctl ${placeOf(istioctl.path)} has version ${istioctl.version}`
              : 'istioctl was not found',
            `pass istioctl ${version} ${named}`,
          ];
  const workloads = count === 1 ? '1 workload' : `all ${String(count)} workloads`;
  return {
    message: `At most these workloads restart, since ${why}. The plan treats the sidecars of ${workloads} with a changed injector configuration as changed, although some may stay the same. For the exact list, ${remedy}.`,
  };
}
