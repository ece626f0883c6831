import type { Workload } from '../snapshot/snapshot';
import type { Decision, Reason, WorkloadPlan } from './plan';

/** A decision about a workload, without pods, differences and remedy. */
export function planEntry(workload: Workload, decision: Decision, reason: Reason, message: string): WorkloadPlan {
  const { namespace, kind, name } = workload;
  return { namespace, kind, name, decision, reason, message, remedy: '', pods: [], differences: [] };
}
