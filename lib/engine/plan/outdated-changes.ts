import type { ChangedLeaf } from '../injector/changed-leaves';
import type { Workload } from '../snapshot/snapshot';
import { answerFor, type InjectorAnswers } from './ask-injector';
import { comparison, distinctComparisons } from './compare-sidecars';

/** The differences between the workload's pods and the injector's answer, without duplicates. */
export function outdatedChanges(workload: Workload, answers: InjectorAnswers): readonly ChangedLeaf[] {
  const compare = comparison(workload, (pod) => answerFor(answers, workload, pod));
  const found = distinctComparisons(workload.pods, compare).flatMap(({ changes }) => changes());
  return [...new Map(found.map((change) => [change.path, change])).values()];
}
