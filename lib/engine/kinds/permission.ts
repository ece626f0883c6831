import { apiGroup } from '../cluster/api-group';
import type { RollableKind, UnrollableKind, WorkloadKind } from './workload-kind';

/** One thing that RBAC grants. */
export interface Permission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

/** All that the engine does with objects of the kind. */
export function permissionsOf(kind: WorkloadKind): readonly Permission[] {
  const group = apiGroup(kind.apiVersion);
  const read = kind.reads.map((verb) => ({ verb, group, resource: kind.resource }));
  return kind.type === 'rollable' ? [...read, restartPermission(kind)] : read;
}

/** What a restart takes. */
export function restartPermission({ apiVersion, resource }: RollableKind): Permission {
  return { verb: 'patch', group: apiGroup(apiVersion), resource };
}

/** What evicting pods takes, of whatever kind their owner is. */
export const EVICTION: Permission = { verb: 'create', group: '', resource: 'pods', subresource: 'eviction' };

/** What it takes in addition to keep with the owner what its pods were evicted for. */
export function markPermission({ apiVersion, resource }: UnrollableKind): Permission {
  return { verb: 'patch', group: apiGroup(apiVersion), resource };
}
