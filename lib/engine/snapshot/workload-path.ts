import { ownerPath } from '../kinds/owner-path';
import type { Workload } from './snapshot';

/** Where the API server has the workload's own object; undefined for one of a kind that is not known. */
export function workloadPath({ owner, namespace, name }: Workload): string | undefined {
  return owner.type === 'unknown' ? undefined : ownerPath(owner, { namespace, name });
}
