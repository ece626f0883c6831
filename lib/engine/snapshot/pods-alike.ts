import { groupBy } from '../../group-by';
import type { PodTemplate } from '../cluster/objects';

/** Pods with the same template. */
export interface PodsAlike {
  /** The uids of the pods. */
  readonly pods: readonly string[];
  readonly template: PodTemplate;
}

/** A pod and its template. */
export interface MadePod {
  readonly uid: string;
  readonly template: PodTemplate;
}

/** Groups pods by the text of their template. Each group has the template of its first pod. */
export function podsAlike<T extends MadePod>(pods: readonly T[], textOf: (pod: T) => string): readonly PodsAlike[] {
  return [...groupBy(pods, textOf).values()].flatMap((members) => {
    const [first] = members;
    return first ? [{ pods: members.map(({ uid }) => uid), template: first.template }] : [];
  });
}
