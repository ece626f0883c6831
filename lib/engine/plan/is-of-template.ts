import type { PodRecord, Workload } from '../snapshot/snapshot';

/** Whether the pod was created from the workload's current template, as far as that is known. */
export function isOfTemplate(workload: Workload, pod: PodRecord): boolean {
  return (
    workload.templateSource === 'owner' &&
    (workload.type !== 'rollable' || workload.owner.isNewest(pod, workload.object, workload.replicaSets) !== false)
  );
}
