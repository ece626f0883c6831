import type { Container, PodSpec } from './objects';

/** The containers of a pod, followed by its init containers. */
export function allContainers({
  containers,
  initContainers = [],
}: Pick<PodSpec, 'containers' | 'initContainers'>): readonly Container[] {
  return [...containers, ...initContainers];
}
