import type { ChangedLeaf } from '../injector/changed-leaves';
import type { Workload } from '../snapshot/snapshot';
import { answerFor, type InjectorAnswers } from './ask-injector';
import { comparison, distinctComparisons } from './compare-sidecars';
import type { WorkloadPlan } from './plan';

/**
 * The differences between the workload's outdated pods and the injector's answer, without duplicates. Other pods, such
 * as those with a custom image, are no reason for a restart.
 *
 * @param plan names the outdated pods
 */
export function outdatedChanges(
  workload: Workload,
  { pods: outdated }: Pick<WorkloadPlan, 'pods'>,
  answers: InjectorAnswers,
): readonly ChangedLeaf[] {
  const compare = comparison(workload, (pod) => answerFor(answers, workload, pod));
  const pods = workload.pods.filter(({ name }) => outdated.includes(name));
  const found = distinctComparisons(pods, compare).flatMap(({ changes }) => changes());
  return [...new Map(found.map((change) => [change.path, change])).values()];
}
