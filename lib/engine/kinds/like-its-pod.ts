import type { OwnerReference, StringMap } from '../cluster/objects';
import type { PodIdentity } from './workload-kind';

/** The identity of a new pod, for owners whose pods all have the same labels. */
export function likeItsPod(name: string, labels: StringMap, owner: OwnerReference | undefined): PodIdentity {
  return { generateName: `${name}-`, labels, owner: owner && { ...owner }, volumes: [] };
}
