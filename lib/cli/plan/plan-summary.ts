import type { Decision, RestartPlan, WorkloadPlan } from '../../engine/plan/plan';
import { hasWork } from './plan-view';

/** The number of workloads by decision, as a clause: `3 to restart, 120 up to date`. */
export function planCounts({ summary, workloads }: RestartPlan): string {
  const unselected = workloads.filter(({ selected }) => selected === false).length;
  const counts: readonly (readonly [number, string])[] = [
    [summary.restart, `to restart${notSeamless(workloads, 'restart')}`],
    [summary.update, `to update in place${notSeamless(workloads, 'update')}`],
    [summary.wait, 'already rolling out'],
    [summary.warn, 'to do by hand'],
    [summary.undetermined, 'undetermined'],
    [summary.deferred, 'deferred'],
    [summary.skip - unselected, 'skipped'],
    [summary.current, 'up to date'],
    [unselected, 'not selected'],
  ];
  return counts.flatMap(([count, what]) => (count > 0 ? [`${String(count)} ${what}`] : [])).join(', ');
}

/** The number of workloads with the decision whose traffic is interrupted, in parentheses; empty if it is 0. */
function notSeamless(workloads: readonly WorkloadPlan[], decision: Decision): string {
  const count = workloads.filter((one) => one.decision === decision && one.interruption?.expected).length;
  return count === 0 ? '' : ` (${String(count)} not seamless)`;
}

/**
 * The result of the plan, in one sentence.
 *
 * @param selection the flags that select workloads, as typed; empty if there are none
 */
export function planSentence(plan: RestartPlan, selection: string): string {
  const counts = planCounts(plan);
  if (hasWork(plan)) {
    return `Workloads: ${counts}.`;
  }
  if (plan.workloads.some(({ selected }) => selected !== false)) {
    return `Nothing to do: ${counts}.`;
  }
  const which = selection === '' ? 'No workload' : `No workload that ${selection} selects`;
  return `${which} has a sidecar, or would get one${counts === '' ? '' : ` (${counts})`}.`;
}
