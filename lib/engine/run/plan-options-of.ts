import type { KubernetesApi } from '../cluster/api';
import { parseSelector } from '../cluster/label-selector';
import type { PlanOptions, Purpose } from '../plan/plan-options';
import type { RestartOptions } from './restart-options';

/** What a plan takes of the options of a run, as of now. */
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
