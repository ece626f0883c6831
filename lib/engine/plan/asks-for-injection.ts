import type { InjectorAnswer } from '../injector/ask-for-pod';
import { requestsInjection } from '../injector/injection-request';
import { labelsOfNamespace, type Snapshot, type Workload } from '../snapshot/snapshot';

/**
 * Whether the labels of the workload's namespace and of its pods request a sidecar, including labels that others add at
 * admission.
 */
export function asksForInjection(workload: Workload, snapshot: Snapshot, answer: InjectorAnswer | undefined): boolean {
  const { metadata, spec } = workload.template;
  const labels = answer?.selectingLabels ?? metadata?.labels;
  return requestsInjection(labelsOfNamespace(snapshot, workload), { metadata: { ...metadata, labels }, spec });
}
