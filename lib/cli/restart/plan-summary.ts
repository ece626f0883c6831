import type { RestartPlan, WorkloadPlan } from '../../restart/index';
import { inOneLine } from '../live/fit';
import { labelOf } from '../live/label-of';

/** What a run is about to do, for a person. */
export function planSummary({ workloads }: RestartPlan): readonly string[] {
  const titled = (title: string, decision: WorkloadPlan['decision']) => {
    const found = workloads.filter((workload) => workload.decision === decision);
    return found.length === 0
      ? []
      : [`${title}:`, ...found.map((workload) => `  ${labelOf(workload)}: ${inOneLine(workload.message)}`)];
  };
  return [...titled('To restart', 'restart'), ...titled('To wait for', 'wait')];
}
