import { argoRollout } from './argo-rollout';
import { daemonSet } from './daemon-set';
import { deployment } from './deployment';
import type { RollableOwner } from './rollable-owner';
import { statefulSet } from './stateful-set';

/** The kinds whose controller replaces their pods when told to; a further kind is one file and one entry here. */
export const ROLLABLE_OWNERS: readonly RollableOwner[] = [deployment, statefulSet, daemonSet, argoRollout];

export function rollableOwner(kind: string): RollableOwner | undefined {
  return ROLLABLE_OWNERS.find((owner) => owner.kind === kind);
}
