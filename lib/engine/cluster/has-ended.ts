import type { Pod } from './objects';

/** Whether the pod has ended or is terminating, so that nothing in it can be updated. */
export function hasEnded({ metadata, status }: Pick<Pod, 'metadata' | 'status'>): boolean {
  return Boolean(metadata.deletionTimestamp) || status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
