import type { Difference } from './differences';
import { NOT_SHOWN } from './shown-text';

/** The values of a difference: `1 → 2`; `(changed)` if neither value is shown. */
export function changeText({ old, new: now }: Pick<Difference, 'old' | 'new'>): string {
  return old === NOT_SHOWN && now === NOT_SHOWN ? '(changed)' : `${old} → ${now}`;
}
