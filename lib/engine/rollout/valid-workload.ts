import type { WorkloadObject } from '../cluster/objects';
import type { WorkloadKind } from '../kinds/workload-kind';
import { checkedWorkload } from '../snapshot/checked-workload';

/** A workload whose rollout cannot be followed, because a field of its object is invalid. */
export class InvalidWorkload extends Error {
  override readonly name = 'InvalidWorkload';
}

/**
 * The object of a workload as it was read during its rollout.
 *
 * @throws InvalidWorkload, which concerns only this workload
 */
export function validWorkload(kind: Pick<WorkloadKind, 'kind' | 'fields'>, object: WorkloadObject): WorkloadObject {
  const { invalidField } = checkedWorkload(kind, object);
  if (invalidField !== undefined) {
    throw new InvalidWorkload(
      `the field ${invalidField} of its ${kind.kind} is invalid, so its rollout cannot be followed; correct the field`,
    );
  }
  return object;
}
