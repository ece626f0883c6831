import type { InjectorAnswer } from '../injector/ask-for-pod';
import { askInjector, type InjectorAnswers } from '../plan/ask-injector';
import { awaitInjector } from './await-injector';
import { INJECTION_WEBHOOK } from '../istio/control-planes';
import { changes, type Difference } from '../injector/differences';
import { dryRunPod } from '../plan/dry-run-pod';
import { injectorConfiguration } from '../istio/injector-configuration';
import type { KubernetesApi } from '../cluster/api';
import { parseSelector } from '../cluster/label-selector';
import { isChosen, makePlan, removals, type PlanOptions } from '../plan/make-plan';
import { nameOf, planOf, type PlanBound, type RestartPlan } from '../plan/plan';
import { readSnapshot } from '../snapshot/read-snapshot';
import { RestartError } from '../restart-error';
import { checkOptions, type RestartOptions } from './restart-options';
import type { Sidecar } from '../injector/sidecar';
import type { Snapshot, Workload } from '../snapshot/snapshot';
import { withCluster } from '../cluster/with-cluster';
import { appliedSnapshot, readAppliedWorkloads, withOwnRollouts } from '../plan/prediction/applied-workloads';
import {
  appliedState,
  readInjectionState,
  type InjectionState,
  type Revision,
} from '../plan/prediction/injection-state';
import { findIstioctl, placeOf, type Istioctl } from '../plan/prediction/istioctl';
import type { Manifest } from '../plan/prediction/manifest';
import { readNativeSidecars, type NativeSidecars } from '../plan/prediction/native-sidecars';
import { comingAnswers, injectOffline, type OfflinePair, type OfflineTask } from '../plan/prediction/offline-injection';
import { offlinePod, type UninjectedPod } from '../plan/prediction/offline-pod';
import { reachingChanges, sameConfiguration } from '../plan/prediction/reaching-configuration';
import { injectorSelection, type SelectedInjector } from '../plan/prediction/selected-injector';

/** What a caller chooses about a prediction. */
export interface PredictionOptions extends RestartOptions {
  /**
   * Path of an istioctl of the version that the manifests install.
   *
   * @default - the environment variable ISTIOCTL, else istioctl on the PATH; without one, a prediction may be a bound
   */
  readonly istioctl?: string;
}

/**
 * What a restart will have to do once the manifests are applied. Changes nothing. The injector's configuration, its
 * webhooks, namespaces and workloads are taken from the manifests; what these do not have stays as it is in the cluster.
 *
 * @returns the plan of then; with `bound` where it is not exact
 * @throws RestartError, for anything that keeps the answer from being certain
 */
export async function predictRestarts(
  options: PredictionOptions,
  manifests: readonly Manifest[],
): Promise<RestartPlan> {
  checkOptions(options);
  return withCluster(options, async (api) => {
    const before = await readInjectionState(api);
    const coming = appliedState(before, manifests);
    if (hasInjector(before) || !hasInjector(coming)) {
      await awaitInjector(api, options.injector, options.onProgress);
    }
    const present = await readSnapshot(api);
    const live = await readAppliedWorkloads(api, present, manifests);
    const snapshot = appliedSnapshot(present, coming, manifests, live);
    const planOptions: PlanOptions = {
      purpose: 'update',
      namespaces: options.namespaces,
      selector: options.selector === undefined ? undefined : parseSelector(options.selector),
      now: new Date(api.serverTime),
    };
    const today = await askInjector(api, snapshot, (workload) => isChosen(workload, snapshot, planOptions));
    const { answers, bound } = await predictedAnswers({ api, options, snapshot, today, before, coming });
    refuseRemovals(removals(snapshot, answers));
    const decisions = withOwnRollouts(makePlan(snapshot, answers, planOptions), snapshot, manifests, planOptions);
    const plan = planOf(decisions, { cluster: api.context, time: api.serverTime });
    return bound ? { ...plan, bound } : plan;
  });
}

function hasInjector({ webhooks }: InjectionState): boolean {
  return [...webhooks.values()].some(({ webhooks: all = [] }) => all.some(({ name }) => INJECTION_WEBHOOK.test(name)));
}

function refuseRemovals(lost: readonly Workload[]): void {
  if (lost.length > 0) {
    const names = lost.slice(0, 10).map(nameOf).join(', ');
    const more = lost.length > 10 ? ` and ${String(lost.length - 10)} more` : '';
    throw new RestartError(
      'SidecarsWouldBeRemoved',
      `With these manifests, ${String(lost.length)} ${lost.length === 1 ? 'workload asks' : 'workloads ask'} for injection but would come back without a sidecar (${names}${more})`,
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
  /** The injector's own answers. */
  readonly today: InjectorAnswers;
  readonly before: InjectionState;
  readonly coming: InjectionState;
}

/** A workload that the manifests give another injector, or an injector with another configuration. */
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
  const isExact = ({ coming }: Affected) =>
    !coming || (istioctl !== undefined && istioctl.version === coming.revision.version);
  const answers = new Map([...known, ...(await exactAnswers(prediction, affected.filter(isExact), istioctl))]);
  const uncertain: SelectedInjector[] = [];
  const changesBetween = oncePerPair(reachingChanges);
  for (const one of affected.filter((each) => !isExact(each))) {
    const { answer, isCertain } = boundedAnswer(one, prediction, changesBetween);
    answers.set(one.workload.id, answer);
    if (!isCertain && one.coming) {
      uncertain.push(one.coming);
    }
  }
  const [first] = uncertain;
  return first ? { answers, bound: boundOf(uncertain.length, first.revision, istioctl) } : { answers };
}

function affectedWorkloads({ snapshot, today, before, coming }: Prediction): readonly Affected[] {
  const [injectorBefore, injectorComing] = [injectorSelection(before), injectorSelection(coming)];
  const isSame = sameInjection(before, coming, oncePerPair(sameConfiguration));
  return snapshot.workloads.flatMap((workload) => {
    const answer = today.get(workload.id);
    if (!answer) {
      return [];
    }
    const pod = dryRunPod(workload) as UninjectedPod;
    const one: Affected = {
      workload,
      pod,
      today: answer,
      before: injectorBefore(pod),
      coming: injectorComing(pod),
    };
    return isSame(one) ? [] : [one];
  });
}

type OfPair<T> = (before: SelectedInjector, coming: SelectedInjector) => T;

/** Configurations are long, and the same for most workloads. */
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

/** Whether the pod is injected by the same injector with the same configuration. */
function sameInjection(
  before: InjectionState,
  coming: InjectionState,
  isSame: OfPair<boolean>,
): (one: Affected) => boolean {
  return ({ pod, before: one, coming: other }) =>
    one && other ? isSame(one, other) && podChanges(pod, before, coming, one, other).length === 0 : one === other;
}

/** What ProxyConfig resources and the injector's choice of templates change for the pod. */
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
      const uid = workload.id;
      return {
        uid,
        namespace: workload.namespace,
        today: answer,
        before: ofBefore.get(uid),
        coming: ofComing.get(uid) ?? { pod },
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
          uid: workload.id,
          pod: offlinePod(pod, injector, state),
          configuration: { ...injector, nativeSidecars: native(injector.revision) },
        },
      ]
    : [];
}

/** Without Istio's own code: what lacks a sidecar gets one for certain, and what has one may get another. */
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
    : [{ path: 'sidecar', old: 'as it is', new: 'not known' }];
  return found.length === 0
    ? { answer: today, isCertain: true }
    : { answer: { sidecar, changes: found }, isCertain: false };
}

/** Enough of one to tell that a pod lacks it. */
function someSidecar({ namespace, config, values, mesh }: Revision): Sidecar {
  const configMap = (data: Readonly<Record<string, string>>) => ({ metadata: { name: '', uid: '', namespace }, data });
  const { image } = injectorConfiguration(configMap({ config, values }), configMap({ mesh }));
  return {
    revision: '',
    containers: { 'istio-proxy': { placement: 'container', fields: image === undefined ? {} : { image } } },
    volumes: {},
  };
}

function boundOf(count: number, { name, version }: Revision, istioctl: Istioctl | undefined): PlanBound {
  const [why, remedy] =
    version === undefined
      ? [
          `which version of Istio revision ${name} is cannot be told`,
          "label istiod's Deployment app.kubernetes.io/version, and name istioctl of that version",
        ]
      : [
          istioctl
            ? `revision ${name} will be Istio ${version}, and istioctl ${placeOf(istioctl.path)} is of version ${istioctl.version}`
            : 'there is no istioctl to inject with',
          `name istioctl ${version}`,
        ];
  const workloads = count === 1 ? 'the 1 workload' : `all ${String(count)} workloads`;
  return {
    message: `At most these restart, since ${why}: it counts ${workloads} whose injector's configuration changes. For the exact list, ${remedy} with --istioctl or the environment variable ISTIOCTL.`,
  };
}
