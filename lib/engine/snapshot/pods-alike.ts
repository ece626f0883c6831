import { groupBy } from '../cluster/group-by';
import type { PodTemplate } from '../cluster/objects';

/** Pods of one template. */
export interface PodsAlike {
  /** Their uids. */
  readonly pods: readonly string[];
  readonly template: PodTemplate;
}

/** A pod, and what it was made from. */
export interface MadePod {
  readonly uid: string;
  readonly template: PodTemplate;
}

/** The pods by the text that stands for their template; each group has the template of its first pod. */
export function podsAlike<T extends MadePod>(pods: readonly T[], textOf: (pod: T) => string): readonly PodsAlike[] {
  return [...groupBy(pods, textOf).values()].flatMap((members) => {
    const [first] = members;
    return first ? [{ pods: members.map(({ uid }) => uid), template: first.template }] : [];
  });
}
