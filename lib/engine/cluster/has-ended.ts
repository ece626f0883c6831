import type { Pod } from './objects';

/** Whether the pod has ended, or is about to: nothing in it can be brought up to date. */
export function hasEnded({ metadata, status }: Pick<Pod, 'metadata' | 'status'>): boolean {
  return Boolean(metadata.deletionTimestamp) || status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
