import { matches } from '../cluster/label-selector';
import type { LabelSelector, StringMap, WorkloadObject } from '../cluster/objects';
import type { WorkloadKind } from './workload-kind';

/** Whether the owner's selector, if any, matches the labels of a pod. */
export function selectsPod(kind: WorkloadKind, owner: WorkloadObject, labels: StringMap): boolean {
  return matches(kind.selectorOf(owner), labels);
}

/** The selector of owners with a standard label selector. */
export function ownSelector({ spec: { selector } }: WorkloadObject): LabelSelector | undefined {
  return selector;
}
