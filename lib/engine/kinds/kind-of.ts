import { apiGroup } from '../cluster/api-group';
import type { OwnerReference } from '../cluster/objects';
import { unknownController } from './unknown-controller';
import type { RollableKind, UnrollableKind, UnrollableOwner, WorkloadKind } from './workload-kind';
import { WORKLOAD_KINDS } from './workload-kinds';

const KINDS: ReadonlyMap<string, WorkloadKind> = new Map(
  WORKLOAD_KINDS.filter((kind) => kind.type === 'rollable' || kind.controlledBy === undefined).map(
    (kind) => [kind.kind, kind] as const,
  ),
);

/** The API groups of the kinds, including that of the controller of a static pod. */
const GROUPS: ReadonlyMap<string, string> = new Map([
  ['Node', ''],
  ...WORKLOAD_KINDS.map(({ kind, apiVersion }) => [kind, apiGroup(apiVersion)] as const),
]);

/**
 * The owner's kind, followed by its group if the known kind of that name has another group: `StatefulSet` is that of
 * Kubernetes, `StatefulSet.apps.kruise.io` is not.
 */
export function ownerKind({ apiVersion, kind }: Pick<OwnerReference, 'apiVersion' | 'kind'>): string {
  const group = apiGroup(apiVersion);
  const known = GROUPS.get(kind);
  return known === undefined || known === group ? kind : `${kind}.${group}`;
}

/** The kind for a name from `ownerKind`; undefined if the engine does not know it. */
export function kindOf(name: string): WorkloadKind | undefined {
  return KINDS.get(name);
}

/** Like `kindOf`, only for kinds whose pods a rollout replaces. */
export function rollableKind(name: string): RollableKind | undefined {
  const kind = kindOf(name);
  return kind?.type === 'rollable' ? kind : undefined;
}

/** Like `kindOf`, only for kinds whose pods no rollout replaces, and whose owners contain the template. */
export function unrollableKind(name: string): UnrollableKind | undefined {
  const kind = kindOf(name);
  return kind?.type === 'unrollable' && kind.template === 'owner' ? kind : undefined;
}

/** Like `kindOf`, only for kinds whose owners contain the template. */
export function templateKind(name: string): WorkloadKind | undefined {
  return rollableKind(name) ?? unrollableKind(name);
}

/**
 * How to handle pods that no rollout replaces.
 *
 * @param controller the kind of the owner's own controller
 */
export function unrollableOwner(name: string, controller: string | undefined): UnrollableOwner {
  const kinds = WORKLOAD_KINDS.filter(
    (kind): kind is UnrollableKind => kind.type === 'unrollable' && kind.kind === name,
  );
  const isMeant = (wanted: string | undefined) => kinds.find(({ controlledBy }) => controlledBy === wanted);
  return isMeant(controller) ?? isMeant(undefined) ?? unknownController;
}
