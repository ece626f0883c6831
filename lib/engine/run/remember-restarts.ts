import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { FIELD_MANAGER } from '../cluster/field-manager';
import { outdatedChanges } from '../plan/outdated-changes';
import { MARK_ANNOTATION, markOf, markText, markWithoutEffect, type RestartMark } from '../plan/restart-mark';
import { keyOf } from '../snapshot/snapshot';
import { workloadPath } from '../snapshot/workload-path';
import type { Planned } from './plan-cluster';

/**
 * Marks each workload whose restart, in this run or an earlier one, had no effect, so that later runs do not try again.
 * If that is refused, they try once more.
 *
 * @param tried the reasons of the run's restarts, by the workload's `id`
 */
export async function rememberRestarts(
  api: KubernetesApi,
  { snapshot, answers, plan }: Planned,
  tried: ReadonlyMap<string, RestartMark>,
): Promise<void> {
  const vain = new Map(
    plan.workloads.flatMap((one) => (one.reason === 'RestartWithoutEffect' ? [[keyOf(one), one] as const] : [])),
  );
  for (const workload of snapshot.workloads) {
    const path = workloadPath(workload);
    const decided = vain.get(keyOf(workload));
    if (path === undefined || !decided) {
      continue;
    }
    const known = markOf(workload);
    const mark = tried.get(workload.id) ?? known;
    const text = mark && markText(markWithoutEffect(mark, outdatedChanges(workload, decided, answers)));
    if (text === undefined || (known && markText(known) === text)) {
      continue;
    }
    const metadata = { uid: workload.reference.uid, annotations: { [MARK_ANNOTATION]: text } };
    try {
      await api.mergePatch(path, { metadata }, FIELD_MANAGER);
    } catch (error) {
      if (!(error instanceof ApiFailure)) {
        throw error;
      }
    }
  }
}
