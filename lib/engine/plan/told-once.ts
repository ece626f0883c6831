import type { Difference } from '../injector/differences';
import type { PodRecord } from '../snapshot/snapshot';

/** Differences without duplicates, each with its pods unless all pods have it. */
export function toldOnce(
  pods: readonly PodRecord[],
  compare: (pod: PodRecord) => readonly Difference[],
): readonly Difference[] {
  const found = new Map<string, { readonly one: Difference; readonly having: string[] }>();
  for (const pod of pods) {
    for (const one of compare(pod)) {
      const key = JSON.stringify(one);
      const known = found.get(key) ?? { one, having: [] };
      known.having.push(pod.name);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ one, having }) => (having.length === pods.length ? one : { ...one, pods: having }));
}
