import type { PodRecord, RollableWorkload, Workload } from '../snapshot/snapshot';

/** Whether the pod was certainly created from the workload's current template. */
export function isOfTemplate(workload: Workload, pod: PodRecord): boolean {
  return ofTemplate(workload, pod) === true;
}

/** Whether the pod may have been created from the workload's current template. */
export function mayBeOfTemplate(workload: Workload, pod: PodRecord): boolean {
  return ofTemplate(workload, pod) !== false;
}

/** Whether the pod certainly stays after the current rollout. */
export function staysAfterRollout(workload: RollableWorkload, pod: PodRecord): boolean {
  const { owner, object } = workload;
  return (owner.stays ? owner.stays(pod, object) : isNewest(workload, pod)) === true;
}

/** Undefined if it is not known. */
function ofTemplate(workload: Workload, pod: PodRecord): boolean | undefined {
  if (workload.templateSource !== 'owner') {
    return false;
  }
  return workload.type === 'rollable' ? isNewest(workload, pod) : undefined;
}

function isNewest({ owner, object, replicaSets }: RollableWorkload, pod: PodRecord): boolean | undefined {
  return owner.isNewest(pod, object, replicaSets);
}
