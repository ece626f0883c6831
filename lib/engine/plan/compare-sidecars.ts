import { once } from '../../once';
import { isObject } from '../cluster/is-object';
import { own } from '../cluster/own';
import { istioDecides, injectorGives } from '../injector/attribution';
import type { InjectorAnswer, OpenAdmission } from '../injector/ask-for-pod';
import { changedLeaves, type ChangedLeaf } from '../injector/changed-leaves';
import { differences, type Difference } from '../injector/differences';
import type { GivenAlone } from '../injector/injector-alone';
import { injectorDecides, injectorWouldGive } from '../injector/open-admission';
import type { Sidecar } from '../injector/sidecar';
import type { PodTemplate } from '../cluster/objects';
import type { PodRecord, Workload } from '../snapshot/snapshot';
import { ComparedTemplate, REWRITTEN } from './compared-template';
import type { ComparedSidecars } from './in-place';
import { isOfTemplate } from './of-template';

/** The differences between a running sidecar and what the injector adds today. */
export interface Comparison {
  /** Differences caused by Istio, which are reasons for a restart. */
  readonly differences: readonly Difference[];
  /**
   * Differences that other admission webhooks cause or, if there was no dry run, may cause. No reasons for a restart.
   */
  readonly others: readonly Difference[];
  /** Computes the differences with the values themselves, which are seldom needed. */
  readonly changes: () => readonly ChangedLeaf[];
  /**
   * The compared sidecars, for updates in place. Undefined if there are no differences, if only one of the sidecars
   * exists, or if only the injector was asked, without a dry run.
   */
  readonly sidecars?: ComparedSidecars;
}

const SAME: Comparison = { differences: [], others: [], changes: () => [] };

const anyPod = once((template: PodTemplate) => new ComparedTemplate(template, false));
const ownPod = once((template: PodTemplate) => new ComparedTemplate(template, true));

/**
 * Compares a pod's sidecar with the injector's answer for a new pod of the same template.
 *
 * @param answer if it is a denial, and the injector alone did not return a pod, there are no differences
 * @param isOfPod whether the pod was certainly created from the template
 */
export function compareSidecars(
  running: Sidecar | undefined,
  answer: InjectorAnswer,
  podTemplate: PodTemplate,
  isOfPod = false,
): Comparison {
  const template = isOfPod ? ownPod(podTemplate) : anyPod(podTemplate);
  const { alone, open } = answer;
  if ('denied' in answer) {
    if (alone === undefined || !('sidecar' in alone)) {
      return SAME;
    }
    return open
      ? besideOpen(running, alone.sidecar, open, template)
      : against(running, alone.sidecar, template, injectorGives);
  }
  if (open) {
    return besideOpen(running, answer.sidecar, open, template);
  }
  const { sidecar: full, changes = [], isConfirmed = false } = answer;
  if (running === full && changes.length === 0) {
    return SAME;
  }
  if (!running || !full) {
    return against(running, full, template, becomesNew);
  }
  if (isConfirmed || alone === undefined || !('sidecar' in alone) || !alone.sidecar) {
    return withFurther(withDryRun(template)(running)(full), changes);
  }
  const ofInjector = template.comparable(alone.sidecar);
  const { recorded } = alone;
  const named = (sidecar: Sidecar) => template.namedByInjector(sidecar, ofInjector, recorded);
  const reasons = against(named(running), named(full), template, (old, now) => istioDecides(old, now, ofInjector));
  const all = against(named(running), named(full), template, becomesNew);
  return withOthers(reasons, all);
}

/**
 * Compares with the sidecar of a dry run. Results are kept, because the question to the injector, the decision and the
 * patch need the same comparisons.
 */
const withDryRun = once((template: ComparedTemplate) =>
  once((running: Sidecar) => once((full: Sidecar) => against(running, full, template, becomesNew))),
);

function becomesNew(_: Sidecar, now: Sidecar): Sidecar {
  return now;
}

function withOthers(reasons: Comparison, all: Comparison): Comparison {
  const known = new Set(reasons.differences.map(({ path }) => path));
  return { ...reasons, others: all.differences.filter(({ path }) => !known.has(path)) };
}

/** If only the injector was asked, only differences that nobody else can cause are reasons. */
function besideOpen(
  running: Sidecar | undefined,
  given: Sidecar | undefined,
  { recorded, asRunning, mayRefuse }: OpenAdmission,
  template: ComparedTemplate,
): Comparison {
  const by = (answer: GivenAlone, becomes: typeof injectorDecides) => {
    const ofInjector = answer.sidecar && template.comparable(answer.sidecar);
    const named = ofInjector && running && template.namedByInjector(running, ofInjector, answer.recorded);
    return against(named ?? running, ofInjector, template, becomes);
  };
  const today = { sidecar: given, recorded };
  const reasons = by(today, injectorDecides);
  const isRefused = !running && mayRefuse.length > 0;
  // Other webhooks may change the image, so the sidecar cannot be updated in place.
  return withoutSidecars(
    withOthers(
      isRefused ? SAME : asRunning ? inBoth(reasons, by(asRunning, injectorDecides)) : reasons,
      by(today, injectorWouldGive),
    ),
  );
}

function withoutSidecars({ sidecars: _, ...comparison }: Comparison): Comparison {
  return comparison;
}

/** The differences that both answers have in common, with the values of the first. */
function inBoth(one: Comparison, other: Comparison): Comparison {
  const of = <T extends { readonly path: string }>(list: readonly T[], others: readonly T[]) =>
    list.filter(({ path }) => others.some((each) => each.path === path));
  const found = of(one.differences, other.differences);
  return found.length === 0
    ? SAME
    : { differences: found, others: [], changes: () => of(one.changes(), other.changes()) };
}

function withFurther(found: Comparison, further: readonly Difference[]): Comparison {
  const { differences, sidecars } = found;
  return further.length === 0
    ? found
    : {
        ...found,
        differences: [...differences, ...further],
        ...(sidecars ? { sidecars: { ...sidecars, further } } : {}),
      };
}

/** Compares pods of a workload, each with its answer. Compares equal sidecars with the same answer once. */
export function comparison(
  workload: Workload,
  answerOf: (pod: PodRecord) => InjectorAnswer | undefined,
): (pod: PodRecord) => Comparison {
  const { template } = workload;
  const compareAny = comparisonWith(template, false);
  const compareNewest = comparisonWith(template, true);
  return (pod) => {
    const answer = answerOf(pod);
    if (!answer) {
      return SAME;
    }
    const isOfPod = !answer.template && differInRewritten(pod.sidecar, answer) && isOfTemplate(workload, pod);
    return (isOfPod ? compareNewest : compareAny)(pod, answer);
  };
}

function comparisonWith(
  template: PodTemplate,
  isOfPod: boolean,
): (pod: PodRecord, answer: InjectorAnswer) => Comparison {
  const known = new Map<InjectorAnswer, Map<Sidecar | undefined, Comparison>>();
  return ({ sidecar }, answer) => {
    const ofAnswer = known.get(answer) ?? new Map<Sidecar | undefined, Comparison>();
    known.set(answer, ofAnswer);
    const found = ofAnswer.get(sidecar) ?? compareSidecars(sidecar, answer, answer.template ?? template, isOfPod);
    ofAnswer.set(sidecar, found);
    return found;
  };
}

/** Whether a variable with rewritten probes or annotations is in only one of the sidecars. */
function differInRewritten(running: Sidecar | undefined, answer: InjectorAnswer): boolean {
  const { alone } = answer;
  const ofInjector = alone && 'sidecar' in alone ? alone.sidecar : undefined;
  const given = 'denied' in answer ? ofInjector : answer.sidecar;
  if (!running || !given || running === given) {
    return false;
  }
  return REWRITTEN.some((name) => hasVariable(running, name) !== hasVariable(given, name));
}

function hasVariable({ containers }: Sidecar, name: string): boolean {
  const env = own(containers, 'istio-proxy')?.fields.env;
  return isObject(env) && Object.hasOwn(env, name);
}

/** The comparisons of these pods, without duplicates. */
export function distinctComparisons(
  pods: readonly PodRecord[],
  compare: (pod: PodRecord) => Comparison,
): readonly Comparison[] {
  return [...new Set(pods.map(compare))];
}

/** The comparisons of these pods with one answer, without duplicates, and only those with differences. */
export function changedComparisons(
  pods: readonly PodRecord[],
  answer: InjectorAnswer,
  workload: Workload,
): readonly Comparison[] {
  const compare = comparison(workload, () => answer);
  return distinctComparisons(pods, compare).filter(({ differences: found }) => found.length > 0);
}

/** The pods that are out of date according to the answer. */
export function outdatedOf(
  pods: readonly PodRecord[],
  answer: InjectorAnswer,
  workload: Workload,
): readonly PodRecord[] {
  const compare = comparison(workload, () => answer);
  return pods.filter((pod) => compare(pod).differences.length > 0);
}

function against(
  running: Sidecar | undefined,
  answer: Sidecar | undefined,
  template: ComparedTemplate,
  becomes: (old: Sidecar, now: Sidecar) => Sidecar,
): Comparison {
  const [before, after] = [running, answer].map((sidecar) => sidecar && template.comparable(sidecar));
  const [one, other] =
    before && after ? [template.completed(before, after), template.completed(after, before)] : [before, after];
  const expected = one && other ? becomes(one, other) : other;
  const found = differences(one, expected);
  let leaves: readonly ChangedLeaf[] | undefined;
  return found.length === 0
    ? SAME
    : {
        differences: found,
        others: [],
        changes: () => (leaves ??= changedLeaves(one, expected)),
        ...(one && expected ? { sidecars: { running: one, wanted: expected } } : {}),
      };
}
