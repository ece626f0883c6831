import type { KubernetesApi } from '../cluster/api';
import { parseSelector } from '../cluster/label-selector';
import type { PlanOptions, Purpose } from '../plan/plan-options';
import type { RestartOptions } from './restart-options';

/** The options of a run that a plan needs, with the current time. */
export function planOptionsOf(
  { clock }: Pick<KubernetesApi, 'clock'>,
  { namespaces, selector, inPlace = false, evict, onlySeamless }: RestartOptions,
  purpose: Purpose,
): PlanOptions {
  return {
    ...{ purpose, namespaces, inPlace, evict, onlySeamless },
    selector: selector === undefined ? undefined : parseSelector(selector),
    now: new Date(clock.now),
  };
}
