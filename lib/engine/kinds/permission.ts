import { apiGroup } from '../cluster/api-group';
import type { RollableKind, UnrollableKind, WorkloadKind } from './workload-kind';

/** A permission of RBAC. */
export interface Permission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

/** The permissions to read objects of the kind and, for a rollable kind, to restart them. */
export function permissionsOf(kind: WorkloadKind): readonly Permission[] {
  const group = apiGroup(kind.apiVersion);
  const read = kind.reads.map((verb) => ({ verb, group, resource: kind.resource }));
  return kind.type === 'rollable' ? [...read, restartPermission(kind)] : read;
}

/** The permission for a restart. */
export function restartPermission({ apiVersion, resource }: RollableKind): Permission {
  return { verb: 'patch', group: apiGroup(apiVersion), resource };
}

/** The permission to evict pods of any owner. */
export const EVICTION: Permission = { verb: 'create', group: '', resource: 'pods', subresource: 'eviction' };

/** The additional permission to mark the owner with the reasons of the evictions. */
export function markPermission({ apiVersion, resource }: UnrollableKind): Permission {
  return { verb: 'patch', group: apiGroup(apiVersion), resource };
}
