import type { WorkloadObject } from '../cluster/objects';
import type { WorkloadKind } from '../kinds/workload-kind';

/** A deeper object could exhaust the stack. */
const LEVELS = 64;

/** An object whose fields have been checked. */
export interface CheckedWorkload extends WorkloadObject {
  /** The path of an invalid field. The spec is then empty, and there is no status. */
  readonly invalidField?: string;
}

/**
 * The object, without its spec and status if a field that is read is invalid. The API server has not checked the fields
 * that the schema of a CustomResourceDefinition leaves out, and whoever owns the namespace writes them.
 */
export function checkedWorkload({ fields }: Pick<WorkloadKind, 'fields'>, object: WorkloadObject): CheckedWorkload {
  const { apiVersion, kind, metadata } = object;
  const invalidField = fields && (isWithin(object, LEVELS) ? fields(object, '') : 'spec');
  return invalidField === undefined ? object : { apiVersion, kind, metadata, spec: {}, invalidField };
}

function isWithin(value: unknown, levels: number): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    (levels > 0 && Object.values(value).every((one) => isWithin(one, levels - 1)))
  );
}
