import type { Difference } from '../injector/differences';
import type { PodTemplate } from '../cluster/objects';
import { LEFT_RUNNING } from '../kinds/warning-reason';
import type { PodRecord } from '../snapshot/snapshot';
import { distinctComparisons, type Comparison } from './compare-sidecars';
import { inPlaceUpdate, runningDifferences, type PodUpdate } from './in-place';
import type { InPlacePlan, WorkloadPlan } from './plan';
import { isTried, type RestartMark } from './restart-mark';
import { toldOnce } from './told-once';

const MOST_NAMED = 3;

/** The outdated pods of a workload, with their comparisons and templates. */
export interface OutdatedPods {
  readonly pods: readonly PodRecord[];
  readonly compare: (pod: PodRecord) => Comparison;
  readonly templateOf: (pod: PodRecord) => PodTemplate;
}

/**
 * Whether a pod that is not replaced differs from what it would get, apart from the image and the resources of init
 * containers that have already run. Without compared sidecars, whether there is any difference.
 */
export function differsInWhatRuns({ differences, sidecars }: Comparison): boolean {
  return differences.length > 0 && (!sidecars || runningDifferences(sidecars).length > 0);
}

/** The updates in place for each pod, if any. Computed once for pods with the same sidecar. */
export function podUpdates({ pods, compare, templateOf }: OutdatedPods): ReadonlyMap<PodRecord, PodUpdate> {
  const known = new Map<Comparison, PodUpdate | undefined>();
  return new Map(
    pods.flatMap((pod) => {
      const comparison = compare(pod);
      if (comparison.sidecars && !known.has(comparison)) {
        known.set(comparison, inPlaceUpdate(comparison.sidecars, templateOf(pod)));
      }
      const update = known.get(comparison);
      return update ? [[pod, update] as const] : [];
    }),
  );
}

/**
 * A warning with the possible update in place; with the option `inPlace`, the decision `update`.
 *
 * @param tried the reasons of updates earlier in the run
 */
export function withUpdate(
  plan: WorkloadPlan,
  outdated: OutdatedPods,
  { isAsked, tried }: { readonly isAsked: boolean; readonly tried: RestartMark | undefined },
): WorkloadPlan {
  const { pods, compare } = outdated;
  const isVain = tried && distinctComparisons(pods, compare).every(({ changes }) => isTried(tried, changes()));
  if (!LEFT_RUNNING.has(plan.reason) || isVain) {
    return plan;
  }
  const updates = podUpdates(outdated);
  if (updates.size === 0) {
    return plan;
  }
  const remaining = toldOnce(pods, (pod) => remainingOf(compare(pod), updates.get(pod)));
  const inPlace: InPlacePlan = {
    pods: [...updates.keys()].map(({ name }) => name),
    differences: toldOnce([...updates.keys()], (pod) => updates.get(pod)?.differences ?? []),
    remaining,
  };
  if (!isAsked) {
    return { ...plan, inPlace };
  }
  return {
    ...plan,
    decision: 'update',
    message: remaining.length === 0 ? `${plan.message}, so it is updated in place` : partly(plan.message, remaining),
    remedy: remaining.length === 0 ? '' : plan.remedy,
    inPlace,
  };
}

/**
 * The differences that remain in a pod, updated or not, apart from the image and the resources of init containers that
 * have already run. Without compared sidecars, all differences.
 */
function remainingOf({ differences, sidecars }: Comparison, update: PodUpdate | undefined): readonly Difference[] {
  return update?.remaining ?? (sidecars ? runningDifferences(sidecars) : differences);
}

function partly(message: string, remaining: readonly Difference[]): string {
  const named = remaining.slice(0, MOST_NAMED).map(({ path }) => path);
  const more = remaining.length - named.length;
  return `${message}; it is updated in place except for ${named.join(', ')}${more > 0 ? `, and ${String(more)} more` : ''}`;
}
