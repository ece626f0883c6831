import type { OwnerReference, StringMap } from '../cluster/objects';
import type { PodIdentity } from './workload-kind';

/** For owners whose further pod has the labels of one that there is. */
export function likeItsPod(name: string, labels: StringMap, owner: OwnerReference | undefined): PodIdentity {
  return { generateName: `${name}-`, labels, owner: owner && { ...owner }, volumes: [] };
}
