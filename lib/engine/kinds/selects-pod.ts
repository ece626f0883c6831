import { matches } from '../cluster/label-selector';
import type { LabelSelector, StringMap, WorkloadObject } from '../cluster/objects';
import type { WorkloadKind } from './workload-kind';

/** Whether the owner's selector, where it has one, matches these labels of a pod. */
export function selectsPod(kind: WorkloadKind, owner: WorkloadObject, labels: StringMap): boolean {
  return matches(kind.selectorOf(owner), labels);
}

/** For owners whose selector is one by the API's common rules. */
export function ownSelector({ spec: { selector } }: WorkloadObject): LabelSelector | undefined {
  return selector;
}
