import type { PodTemplate } from '../cluster/objects';
import { shellCommand } from '../cluster/shell-command';
import type { DeniedPod, InjectorAnswer } from '../injector/ask-for-pod';
import { changeText } from '../injector/change-text';
import type { Difference } from '../injector/differences';
import { containsProxy, CUSTOM_IMAGE_ANNOTATION, isWellKnownContainer, needsInjector } from '../injector/sidecar';
import { LEFT_RUNNING } from '../kinds/warning-reason';
import {
  evictable,
  type PodRecord,
  type RollableWorkload,
  type Snapshot,
  type UnrollableWorkload,
  type Workload,
} from '../snapshot/snapshot';
import { answerFor, templateOf, type InjectorAnswers } from './ask-injector';
import { asksForInjection } from './asks-for-injection';
import { givesSidecar } from './gives-sidecar';
import { malformedWorkload } from './malformed-workload';
import { injectionCommand, isInTemplate, templateCommand } from './template-sidecar';
import { comparison, distinctComparisons, type Comparison } from './compare-sidecars';
import { toldOnce } from './told-once';
import type { WorkloadPlan } from './plan';
import { planEntry } from './plan-entry';
import { isChosen, whyNotSelected, type PlanOptions } from './plan-options';
import { staysAfterRollout } from './of-template';
import { differsInWhatRuns, withUpdate } from './plan-in-place';
import { isTried, markOf } from './restart-mark';
import { withoutEffect } from './without-effect';

const BY_EVICTION = 'its pods are evicted one by one';

/**
 * The decision about one workload; undefined if the plan does not contain it. A plan does not contain
 *  - a selected workload without an answer, because its namespace is being deleted,
 *  - for an update, a workload without a sidecar that would get none, that is not selected, or whose namespace is
 *    excluded,
 *  - for a removal, a workload without a sidecar, and a selected one that Istio still injects.
 */
export function judgeWorkload(
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
  if (options.purpose === 'remove' && givesSidecar(answer)) {
    // Istio still injects it, so its sidecar is not removed.
    return undefined;
  }
  const wanted = 'denied' in answer ? asksForInjection(workload, snapshot, answer) : answer.sidecar !== undefined;
  if (!hasSidecar(workload) && !wanted) {
    return undefined;
  }
  const pods = workload.pods.filter((pod) => !hasCustomImage(pod, templateOf(answers, workload, pod)));
  const plan = pods.length > 0 && judgePods({ ...workload, pods }, answer, { snapshot, answers, options });
  if (plan && (plan.decision !== 'current' || pods.length === workload.pods.length)) {
    return plan;
  }
  return planEntry(
    workload,
    'skip',
    'CustomProxyImage',
    `left alone: the annotation ${CUSTOM_IMAGE_ANNOTATION} sets a custom image for its sidecar`,
  );
}

interface Judging {
  readonly snapshot: Snapshot;
  readonly answers: InjectorAnswers;
  readonly options: PlanOptions;
}

/** The decision about a workload with only those of its pods that have no custom proxy image. */
function judgePods(workload: Workload, answer: InjectorAnswer, { snapshot, answers, options }: Judging): WorkloadPlan {
  if (workload.settings.excluded) {
    return excluded(workload, snapshot, options);
  }
  if ('denied' in answer && !wouldPass(workload, answer, options)) {
    return denied(workload, answer);
  }
  const malformed = malformedWorkload(workload, options.purpose);
  if (malformed) {
    return malformed;
  }
  const plan = compareWithInjector(workload, answers, options);
  const unknown = deniedPods(workload, answers);
  if (plan.decision === 'current' && unknown) {
    return unknown;
  }
  const isLost =
    plan.decision === 'restart' && options.purpose === 'update' && asksForInjection(workload, snapshot, answer);
  return (isLost && withoutInjector(workload, answer, plan)) || plan;
}

const WEBHOOKS = shellCommand('kubectl', 'get', 'mutatingwebhookconfigurations,validatingwebhookconfigurations');

function denied(workload: Workload, { denied: why, by, alone, open }: DeniedPod): WorkloadPlan {
  const { namespace, kind, name } = workload;
  if (open && !alone) {
    return {
      ...planEntry(
        workload,
        'undetermined',
        'DryRunNotGranted',
        `its sidecar cannot be compared without a dry run, which is not granted: ${why}`,
      ),
      remedy: WEBHOOKS,
      pods: workload.pods.map((pod) => pod.name),
    };
  }
  const owner = ['-n', namespace, 'get', `${kind.toLowerCase()}/${name}`, '-o', 'yaml'];
  const [problem, ...where] =
    by === 'istioctl'
      ? ['predicted, since istioctl cannot inject its pods', ...owner]
      : alone && 'refused' in alone
        ? ['compared, since the injector refuses its pods', ...owner]
        : ['compared, since a new pod would be refused', 'describe', 'namespace', namespace];
  return {
    ...planEntry(
      workload,
      'undetermined',
      'DryRunDenied',
      `its sidecar cannot be ${problem}: ${why.trim().replace(/\s+/g, ' ')}`,
    ),
    remedy: shellCommand('kubectl', ...where),
    pods: workload.pods.map(({ name }) => name),
  };
}

/**
 * The entry for the pods whose template differs from the workload's and whose own answer is a denial; undefined if
 * there are none.
 */
function deniedPods(workload: Workload, answers: InjectorAnswers): WorkloadPlan | undefined {
  const own = workload.pods.flatMap((pod) => {
    const answer = answers.get(pod.uid);
    return answer && 'denied' in answer ? [{ pod, answer }] : [];
  });
  const [first] = own;
  return first && { ...denied(workload, first.answer), pods: own.map(({ pod }) => pod.name) };
}

/** Undefined if the workload gets a sidecar, or if the injector itself decided to add none. */
function withoutInjector(workload: Workload, answer: InjectorAnswer, { pods }: WorkloadPlan): WorkloadPlan | undefined {
  if ('denied' in answer || answer.sidecar || !answer.absence || answer.absence === 'decided') {
    return undefined;
  }
  const why = {
    notSelected: 'no injection webhook selects its pods, although their labels request a sidecar',
    unknown:
      'a new pod gets no sidecar, and its injection webhook may not have been called (its failurePolicy is Ignore, it has matchConditions, or another webhook adds the label that selects it)',
  };
  return {
    ...planEntry(
      workload,
      'undetermined',
      'NoInjector',
      `left alone, since a restart would remove its sidecar: ${why[answer.absence]}`,
    ),
    remedy: shellCommand('kubectl', 'get', 'mutatingwebhookconfigurations'),
    pods,
  };
}

function compareWithInjector(workload: Workload, answers: InjectorAnswers, options: PlanOptions): WorkloadPlan {
  const compare = comparison(workload, (pod) => answerFor(answers, workload, pod));
  const different = workload.pods.filter((pod) => compare(pod).differences.length > 0);
  const outdated =
    options.inPlace && isLeftRunning(workload, different)
      ? different.filter((pod) => differsInWhatRuns(compare(pod)))
      : different;
  const others = toldOnce(workload.pods, (pod) => compare(pod).others);
  const open =
    outdated.length > 0 ? [] : workload.pods.filter((pod) => isOpen(answerFor(answers, workload, pod), compare(pod)));
  const plan =
    open.length > 0
      ? undecided(workload, open, others, answers.get(workload.id)?.open?.mayRefuse ?? [])
      : compared(workload, answers, options, compare, outdated);
  return { ...plan, ...(others.length > 0 ? { others } : {}) };
}

function isOpen(answer: InjectorAnswer | undefined, { others }: Comparison): boolean {
  return answer?.open !== undefined && others.length > 0;
}

/** The decision about pods that differ only in fields that others may set, if only the injector was asked. */
function undecided(
  workload: Workload,
  open: readonly PodRecord[],
  others: readonly Difference[],
  mayRefuse: readonly string[],
): WorkloadPlan {
  const what = `${countOf(open, workload)} ${open.length === 1 ? 'differs' : 'differ'} only in fields that others besides the injector may set${firstOf(others)}`;
  const who = mayRefuse.length === 0 ? '' : `, and ${mayRefuse.join(' and ')} may refuse the sidecar`;
  return {
    ...planEntry(
      workload,
      'undetermined',
      'DryRunNotGranted',
      `${what}${who}; only a dry run could show the result, and it is not granted`,
    ),
    remedy: WEBHOOKS,
    pods: open.map(({ name }) => name),
  };
}

/** Whether the pods run until somebody deletes them. */
function isLeftRunning(workload: Workload, outdated: readonly PodRecord[]): boolean {
  return (
    workload.type === 'unrollable' || LEFT_RUNNING.has(workload.owner.blocked(workload.object, outdated)?.reason ?? '')
  );
}

function compared(
  workload: Workload,
  answers: InjectorAnswers,
  options: PlanOptions,
  compare: (pod: PodRecord) => Comparison,
  outdated: readonly PodRecord[],
): WorkloadPlan {
  if (outdated.length === 0) {
    return planEntry(workload, 'current', 'UpToDate', 'its sidecars match what the injector adds today');
  }
  const answer = answers.get(workload.id);
  const found = toldOnce(outdated, (pod) => compare(pod).differences);
  const details = { pods: outdated.map(({ name }) => name), differences: found };
  const isRemoval = outdated.every((pod) => givesSidecar(answerFor(answers, workload, pod)) === false);
  const what = summary(workload, outdated, isRemoval, found);
  if (isInTemplate(workload)) {
    return { ...inTemplate(workload, what, options), ...details };
  }
  const isEvicted = options.evict && evictable(workload) !== undefined;
  const warned = (plan: WorkloadPlan) =>
    withUpdate(
      { ...plan, ...details },
      { pods: outdated, compare, templateOf: (pod) => templateOf(answers, workload, pod) },
      { isAsked: options.inPlace ?? false, tried: options.tried?.get(workload.id) },
    );
  if (workload.type === 'unrollable' && !isEvicted) {
    return warned(warning(workload, outdated, what));
  }
  if (isRemoval && containsProxy(workload.template)) {
    return { ...withoutTheInjector(workload, what), ...details };
  }
  const blocked = workload.type === 'rollable' ? workload.owner.blocked(workload.object, outdated) : undefined;
  if (blocked) {
    return warned({
      ...planEntry(workload, 'warn', blocked.reason, `${what}; ${blocked.sentence}`),
      remedy: blocked.remedy,
    });
  }
  if (workload.type === 'rollable' && isRollingToCurrent(workload, outdated)) {
    return { ...planEntry(workload, 'wait', 'RollingOut', rollingOut(workload)), ...details };
  }
  const tried = options.tried?.get(workload.id) ?? markOf(workload);
  if (tried && distinctComparisons(outdated, compare).every(({ changes }) => isTried(tried, changes()))) {
    return { ...withoutEffect(workload, tried, what, answer?.interference), ...details };
  }
  const plan = { ...planEntry(workload, 'restart', 'OutOfDate', what), ...details };
  return isEvicted ? { ...plan, message: `${what}; ${BY_EVICTION}`, method: 'eviction' } : plan;
}

/** New pods could not start, because only the injector completes the proxy's container in the template. */
function withoutTheInjector(workload: Workload, what: string): WorkloadPlan {
  const { namespace, name, kind, template } = workload;
  const settings = needsInjector(template)
    ? 'leaves the image of istio-proxy to the injector (image: auto)'
    : 'contains only settings of istio-proxy, which the injector completes';
  const hasOthers = template.spec.containers.some((one) => !isWellKnownContainer(one.name));
  return {
    ...planEntry(workload, 'warn', 'NeedsInjector', `${what}; its template ${settings}, so new pods could not start`),
    remedy: shellCommand('kubectl', '-n', namespace, hasOthers ? 'edit' : 'delete', `${kind.toLowerCase()}/${name}`),
  };
}

function inTemplate(workload: Workload, what: string, { purpose }: PlanOptions): WorkloadPlan {
  return {
    ...planEntry(
      workload,
      'warn',
      'InTemplate',
      `${what}; its sidecar is part of its pod template, so a restart would bring back the same sidecar`,
    ),
    remedy: purpose === 'remove' ? templateCommand(workload) : injectionCommand(workload),
  };
}

/** A refusal by a quota. The pattern starts at the beginning, because a webhook's refusal can contain any text. */
const FULL_QUOTA = /^(?:pods "[^"]*" is forbidden: )?exceeded quota\b/;

/**
 * Whether a restart is possible although an additional pod is denied: only an exhausted quota denies it, the restart
 * deletes a pod before it creates another, and the injector alone has answered.
 */
function wouldPass(workload: Workload, { denied: why, alone }: DeniedPod, { evict }: PlanOptions): boolean {
  const makesRoomFirst =
    workload.type === 'rollable'
      ? workload.owner.makesRoomFirst(workload.object)
      : evict === true && evictable(workload) !== undefined;
  return alone !== undefined && 'sidecar' in alone && FULL_QUOTA.test(why) && makesRoomFirst;
}

function warning(workload: UnrollableWorkload, outdated: readonly PodRecord[], what: string): WorkloadPlan {
  const { reason, sentence, remedy } = workload.owner.warning(workload, outdated);
  return { ...planEntry(workload, 'warn', reason, `${what}; ${sentence}`), remedy };
}

function rollingOut({ owner, object }: RollableWorkload): string {
  const status = owner.status(object);
  return status.state === 'failed'
    ? `its rollout to up-to-date pods has failed before: ${status.message.replace(/\.$/, '')}`
    : 'already rolling out to up-to-date pods';
}

/** Whether a rollout is under way that replaces all outdated pods with up-to-date ones. */
function isRollingToCurrent(workload: RollableWorkload, outdated: readonly PodRecord[]): boolean {
  const { owner, object } = workload;
  return (
    owner.status(object).state !== 'complete' &&
    !outdated.some((pod) => staysAfterRollout(workload, pod)) &&
    object.spec.replicas !== 0
  );
}

function summary(
  workload: Workload,
  outdated: readonly PodRecord[],
  isRemoval: boolean,
  found: readonly Difference[],
): string {
  const count = countOf(outdated, workload);
  const one = outdated.length === 1;
  if (isRemoval) {
    return `${count} ${one ? 'has' : 'have'} a sidecar that Istio no longer injects`;
  }
  if (outdated.every(({ sidecar }) => !sidecar)) {
    return `${count} ${one ? 'lacks' : 'lack'} the sidecar that the injector adds`;
  }
  return `${count} out of date${firstOf(found)}`;
}

function countOf(pods: readonly PodRecord[], { pods: all }: Workload): string {
  return `${String(pods.length)} of ${String(all.length)} ${all.length === 1 ? 'pod' : 'pods'}`;
}

/** The first difference in parentheses, with the number of the others. */
function firstOf(found: readonly Difference[]): string {
  const [first] = found;
  const more = found.length > 1 ? `, and ${String(found.length - 1)} more` : '';
  return first ? ` (${first.path} ${changeText(first)}${more})` : '';
}

function hasSidecar(workload: Workload): boolean {
  return workload.pods.some(({ sidecar }) => sidecar !== undefined);
}

function hasCustomImage(pod: PodRecord, { metadata }: PodTemplate): boolean {
  return pod.hasCustomImage || metadata?.annotations?.[CUSTOM_IMAGE_ANNOTATION] !== undefined;
}

function excluded(workload: Workload, snapshot: Snapshot, options: PlanOptions): WorkloadPlan {
  const why = whyNotSelected(workload, options);
  if (why !== undefined) {
    return { ...planEntry(workload, 'skip', 'Excluded', why), selected: false };
  }
  const holder = snapshot.namespaces.get(workload.namespace)?.settings.excluded ? 'its namespace' : 'it';
  return planEntry(workload, 'skip', 'Excluded', `left alone: ${holder} is annotated istio-module/restart: disabled`);
}
