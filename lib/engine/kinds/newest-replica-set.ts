import type { ObjectMeta } from '../cluster/objects';

/**
 * The ReplicaSet with the newest template.
 *
 * @param revisionAnnotation the annotation in which the controller numbers templates
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
