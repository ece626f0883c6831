import { ownerPath } from '../kinds/owner-path';
import type { Workload } from './snapshot';

/** The API path of the workload's object; undefined for an unknown kind. */
export function workloadPath({ owner, namespace, name }: Workload): string | undefined {
  return owner.type === 'unknown' ? undefined : ownerPath(owner, { namespace, name });
}
