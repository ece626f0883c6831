import { shellCommand } from '../cluster/shell-command';
import type { InjectorAnswers } from './ask-injector';
import { differences, type Difference } from '../injector/differences';
import { requestsInjection } from '../injector/injection-request';
import { matches, type WrittenSelector } from '../cluster/label-selector';
import { warningOf } from '../kinds/unrollable-owner';
import type { MaintenanceWindow } from '../snapshot/maintenance-window';
import type { Decision, Decisions, IgnoredAnnotation, Reason, WorkloadPlan } from './plan';
import type { RestartSettings } from '../snapshot/restart-annotations';
import { CUSTOM_IMAGE_ANNOTATION, needsInjector, STATUS_ANNOTATION, type Sidecar } from '../injector/sidecar';
import {
  type PodRecord,
  type RollableWorkload,
  type Snapshot,
  type UnrollableWorkload,
  type Workload,
} from '../snapshot/snapshot';

/**
 * What sidecars are wanted for: `update` brings every workload to what the injector gives today;
 * `remove` only rolls what still carries a sidecar, after Istio is gone.
 */
export type Purpose = 'update' | 'remove';

export interface PlanOptions {
  readonly purpose: Purpose;
  /** The only namespaces whose workloads are touched; all when undefined. */
  readonly namespaces?: readonly string[];
  /** The labels of the only workloads that are touched; all when undefined. */
  readonly selector?: WrittenSelector;
  /** When the plan is made: what maintenance windows compare to. */
  readonly now: Date;
}

/** Whether the workload is for the injector to judge, or left out as a whole. */
export function isChosen(workload: SelectedBy, snapshot: Snapshot, options: PlanOptions): boolean {
  return (
    !snapshot.namespaces.get(workload.namespace)?.settings.excluded && whyNotSelected(workload, options) === undefined
  );
}

type SelectedBy = Pick<Workload, 'namespace' | 'labels'>;

/** Undefined for a workload that the options mean. */
function whyNotSelected({ namespace, labels }: SelectedBy, options: PlanOptions): string | undefined {
  if (options.namespaces && !options.namespaces.includes(namespace)) {
    return `left alone: namespace ${namespace} is not among the chosen ones`;
  }
  return matches(options.selector, labels)
    ? undefined
    : `left alone: its labels do not match the selector ${options.selector?.text ?? ''}`;
}

/** What is decided, from a snapshot and the injector's answers about it: a pure function. */
export function makePlan(snapshot: Snapshot, answers: InjectorAnswers, options: PlanOptions): Decisions {
  const planned = snapshot.workloads.flatMap((workload) => {
    const plan = planWorkload(workload, snapshot, answers, options);
    return plan
      ? [{ workload, plan: plan.decision === 'restart' ? within(plan, windowOf(workload, snapshot), options) : plan }]
      : [];
  });
  return {
    workloads: planned.map(({ plan }) => plan),
    ignoredAnnotations: ignoredAnnotations(
      planned.map(({ workload }) => workload),
      snapshot,
    ),
  };
}

function windowOf({ settings, namespace }: Workload, snapshot: Snapshot): MaintenanceWindow | undefined {
  return settings.window ?? snapshot.namespaces.get(namespace)?.settings.window;
}

/** A restart, put off while the workload's maintenance window is closed. */
function within(plan: WorkloadPlan, window: MaintenanceWindow | undefined, { now }: PlanOptions): WorkloadPlan {
  if (!window || window.isOpen(now)) {
    return plan;
  }
  const deferredUntil = window.opensAt(now).toISOString().replace('.000Z', 'Z');
  const message = `${plan.message}; its maintenance window (${window.text}) opens at ${deferredUntil}, and a run within it restarts it`;
  return { ...plan, decision: 'deferred', reason: 'OutsideWindow', message, deferredUntil };
}

function ignoredAnnotations(workloads: readonly Workload[], { namespaces }: Snapshot): readonly IgnoredAnnotation[] {
  const ignored = (
    { kind, namespace, name }: Pick<IgnoredAnnotation, 'kind' | 'namespace' | 'name'>,
    { problems }: RestartSettings,
  ) =>
    problems.map(({ annotation, value, remedy }) => ({
      ...{ namespace, kind, name, annotation, value },
      message: `annotation ${annotation} is '${value}', which says nothing and counts as absent: ${remedy}`,
    }));
  const holders = [...new Set(workloads.map(({ namespace }) => namespace))].sort();
  return [
    ...holders.flatMap((name) => {
      const { settings } = namespaces.get(name) ?? {};
      return settings ? ignored({ kind: 'Namespace', namespace: '', name }, settings) : [];
    }),
    ...workloads.flatMap((workload) => ignored(workload, workload.settings)),
  ];
}

/**
 * The workloads that ask for injection, have a sidecar, and would come back without one: while Istio is meant to stay,
 * that is a fault of the injector and no reason to restart anything.
 */
export function removals(snapshot: Snapshot, answers: InjectorAnswers): readonly Workload[] {
  return snapshot.workloads.filter((workload) => {
    const answer = answers.get(workload.id);
    return (
      answer !== undefined &&
      'sidecar' in answer &&
      !answer.sidecar &&
      hasSidecar(workload) &&
      asksForInjection(workload, snapshot)
    );
  });
}

function planWorkload(
  workload: Workload,
  snapshot: Snapshot,
  answers: InjectorAnswers,
  options: PlanOptions,
): WorkloadPlan | undefined {
  if (options.purpose === 'remove' && !hasSidecar(workload)) {
    return undefined;
  }
  const chosen = isChosen(workload, snapshot, options);
  const answer = answers.get(workload.id);
  if (!chosen || !answer) {
    return !chosen && hasSidecar(workload) ? excluded(workload, snapshot, options) : undefined;
  }
  if (options.purpose === 'remove' && 'sidecar' in answer && answer.sidecar) {
    // Something injects it still, or again: no sidecar to drop.
    return undefined;
  }
  const wanted = 'denied' in answer ? asksForInjection(workload, snapshot) : answer.sidecar !== undefined;
  if (!hasSidecar(workload) && !wanted) {
    return undefined;
  }
  if (hasCustomImage(workload)) {
    return entry(
      workload,
      'skip',
      'CustomProxyImage',
      `left alone: the annotation ${CUSTOM_IMAGE_ANNOTATION} gives its sidecar an image of its own`,
    );
  }
  if (workload.settings.excluded) {
    return excluded(workload, snapshot, options);
  }
  if ('denied' in answer) {
    return {
      ...entry(
        workload,
        'undetermined',
        'DryRunDenied',
        `its sidecar cannot be compared, since a pod of it would be refused: ${answer.denied}`,
      ),
      remedy: shellCommand('kubectl', 'describe', 'namespace', workload.namespace),
      pods: workload.pods.map(({ name }) => name),
    };
  }
  const malformed = workload.pods.find(({ hasMalformedRecord }) => hasMalformedRecord);
  if (malformed && options.purpose === 'update') {
    return {
      ...entry(
        workload,
        'undetermined',
        'MalformedRecord',
        `its sidecar cannot be compared, since the annotation ${STATUS_ANNOTATION} of pod ${malformed.name} is not what Istio writes there`,
      ),
      remedy: shellCommand('kubectl', '-n', workload.namespace, 'get', 'pod', malformed.name, '-o', 'yaml'),
      pods: workload.pods.map(({ name }) => name),
    };
  }
  return compareWithInjector(workload, answer.sidecar, answer.changes);
}

function compareWithInjector(
  workload: Workload,
  current: Sidecar | undefined,
  changes: readonly Difference[] = [],
): WorkloadPlan {
  const compare = comparison(workload, current, changes);
  const outdated = workload.pods.filter((pod) => compare(pod).length > 0);
  if (outdated.length === 0) {
    return entry(workload, 'current', 'UpToDate', 'its sidecars are what the injector gives today');
  }
  const found = told(outdated, compare);
  const details = { pods: outdated.map(({ name }) => name), differences: found };
  const what = summary(outdated, current, workload.pods.length, found);
  if (workload.type === 'unrollable') {
    return { ...warning(workload, outdated, what), ...details };
  }
  if (!current && needsInjector(workload.template)) {
    const { namespace, name, owner } = workload;
    return {
      ...entry(
        workload,
        'warn',
        'NeedsInjector',
        `${what}; its template leaves the image of istio-proxy to the injector (image: auto), so new pods could not start`,
      ),
      remedy: shellCommand('kubectl', '-n', namespace, 'delete', `${owner.kind.toLowerCase()}/${name}`),
      ...details,
    };
  }
  const blocked = workload.owner.blocked(workload.object, outdated);
  if (blocked) {
    return {
      ...entry(workload, 'warn', blocked.reason, `${what}; ${blocked.sentence}`),
      remedy: blocked.remedy,
      ...details,
    };
  }
  return isRollingToCurrent(workload, outdated)
    ? { ...entry(workload, 'wait', 'RollingOut', 'already rolling out, to pods that are up to date'), ...details }
    : { ...entry(workload, 'restart', 'OutOfDate', what), ...details };
}

/** Each difference once; with the pods that have it, unless all have. */
function told(
  outdated: readonly PodRecord[],
  compare: (pod: PodRecord) => readonly Difference[],
): readonly Difference[] {
  const found = new Map<string, { readonly one: Difference; readonly pods: string[] }>();
  for (const pod of outdated) {
    for (const one of compare(pod)) {
      const key = JSON.stringify(one);
      const known = found.get(key) ?? { one, pods: [] };
      known.pods.push(pod.name);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ one, pods }) => (pods.length === outdated.length ? one : { ...one, pods }));
}

function warning(workload: UnrollableWorkload, outdated: readonly PodRecord[], what: string): WorkloadPlan {
  const { reason, sentence, remedy } = warningOf(workload.owner, outdated);
  return { ...entry(workload, 'warn', reason, `${what}; ${sentence}`), remedy };
}

/** A rollout is under way that replaces every pod that is out of date, and by none that is. */
function isRollingToCurrent(workload: RollableWorkload, outdated: readonly PodRecord[]): boolean {
  const { owner, object, replicaSets } = workload;
  return (
    owner.status(object).state !== 'complete' &&
    outdated.every((pod) => owner.isNewest(pod, object, replicaSets) !== true) &&
    object.spec.replicas !== 0
  );
}

/** What Istio derives from a pod's own name, or from the probes and annotations that it has rewritten in place. */
const OF_THE_POD_ITSELF = [
  'ISTIO_META_WORKLOAD_NAME',
  'ISTIO_META_OWNER',
  'ISTIO_KUBE_APP_PROBERS',
  'ISTIO_PROMETHEUS_ANNOTATIONS',
];

/** Compares a pod with what the injector gives; equal sidecars are compared once. */
function comparison(
  workload: Workload,
  current: Sidecar | undefined,
  changes: readonly Difference[],
): (pod: PodRecord) => readonly Difference[] {
  const known = new Map<Sidecar | undefined, readonly Difference[]>();
  const fromPod = workload.templateSource === 'pod';
  const view = (sidecar: Sidecar | undefined) => (fromPod ? without(sidecar, OF_THE_POD_ITSELF) : sidecar);
  return (pod) => {
    const before = known.get(pod.sidecar);
    if (before) {
      return before;
    }
    const found = [...differences(view(pod.sidecar), view(current)), ...(pod.sidecar && current ? changes : [])];
    known.set(pod.sidecar, found);
    return found;
  };
}

function without(sidecar: Sidecar | undefined, variables: readonly string[]): Sidecar | undefined {
  return (
    sidecar && {
      ...sidecar,
      containers: Object.fromEntries(
        Object.entries(sidecar.containers).map(([name, container]) => {
          const env = Object.entries((container.fields.env ?? {}) as Record<string, unknown>);
          const kept = Object.fromEntries(env.filter(([variable]) => !variables.includes(variable)));
          return [name, { ...container, fields: { ...container.fields, env: kept } }];
        }),
      ),
    }
  );
}

function summary(
  outdated: readonly PodRecord[],
  current: Sidecar | undefined,
  total: number,
  found: readonly Difference[],
): string {
  const count = `${String(outdated.length)} of ${String(total)} ${total === 1 ? 'pod' : 'pods'}`;
  const one = outdated.length === 1;
  if (!current) {
    return `${count} ${one ? 'carries' : 'carry'} a sidecar that nothing injects any more`;
  }
  if (outdated.every(({ sidecar }) => !sidecar)) {
    return `${count} ${one ? 'lacks' : 'lack'} the sidecar that the injector gives`;
  }
  const [first] = found;
  const more = found.length > 1 ? `, and ${String(found.length - 1)} more` : '';
  return `${count} out of date${first ? ` (${first.path} ${first.old} → ${first.new}${more})` : ''}`;
}

function hasSidecar(workload: Workload): boolean {
  return workload.pods.some(({ sidecar }) => sidecar !== undefined);
}

function hasCustomImage(workload: Workload): boolean {
  return (
    workload.template.metadata?.annotations?.[CUSTOM_IMAGE_ANNOTATION] !== undefined ||
    workload.pods.some((pod) => pod.hasCustomImage)
  );
}

function asksForInjection(workload: Workload, snapshot: Snapshot): boolean {
  return requestsInjection(snapshot.namespaces.get(workload.namespace)?.labels ?? {}, workload.template);
}

function excluded(workload: Workload, snapshot: Snapshot, options: PlanOptions): WorkloadPlan {
  const why = whyNotSelected(workload, options);
  if (why !== undefined) {
    return { ...entry(workload, 'skip', 'Excluded', why), selected: false };
  }
  const holder = snapshot.namespaces.get(workload.namespace)?.settings.excluded ? 'its namespace' : 'it';
  return entry(workload, 'skip', 'Excluded', `left alone: ${holder} is annotated istio-module/restart: disabled`);
}

function entry(workload: Workload, decision: Decision, reason: Reason, message: string): WorkloadPlan {
  const { namespace, kind, name } = workload;
  return { namespace, kind, name, decision, reason, message, remedy: '', pods: [], differences: [] };
}
