import { injectionCommand, isInTemplate } from '../plan/template-sidecar';
import type { Workload } from '../snapshot/snapshot';

/** The command that brings the workload's sidecar up to date by hand; empty if there is none. */
export function restartCommand(workload: Workload): string {
  if (isInTemplate(workload)) {
    return injectionCommand(workload);
  }
  return workload.type === 'rollable' ? workload.owner.restartCommand(workload.namespace, workload.name) : '';
}
