import type { ObjectMeta } from '../cluster/objects';

/**
 * The ReplicaSet of the newest template.
 *
 * @param revisionAnnotation where their controller counts the templates
 */
export function newestReplicaSet(
  replicaSets: readonly ObjectMeta[],
  revisionAnnotation: string,
): ObjectMeta | undefined {
  const revision = (set: ObjectMeta) => Number(set.annotations?.[revisionAnnotation] ?? 0);
  return replicaSets.reduce<ObjectMeta | undefined>(
    (newest, set) => (newest === undefined || revision(set) > revision(newest) ? set : newest),
    undefined,
  );
}
