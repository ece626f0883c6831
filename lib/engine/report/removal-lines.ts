import { WORKLOAD_KINDS } from '../kinds/workload-kinds';
import { nameOf, type WorkloadPlan } from '../plan/plan';
import type { RestartReport } from '../run/restart-report';
import type { UninstallPlace } from './uninstalling';

/**
 * A warning for each workload that keeps a sidecar after a removal. It names the stack and the cluster, and is complete
 * in itself, because no run follows an uninstall.
 */
export function removalLines(
  { warnings, deferred, skipped, undetermined }: RestartReport,
  { stack, cluster }: UninstallPlace,
): readonly string[] {
  const of = stack === undefined ? '' : ` of stack ${stack}`;
  return [...warnings, ...deferred, ...skipped, ...undetermined].map((one) => {
    const remedy = remedyOf(one);
    return [
      `warning: ${nameOf(one)} in cluster ${cluster} keeps its Istio sidecar after the uninstall${of}: ${one.message}.`,
      'Without istiod, the sidecar keeps its last configuration and cannot reach pods that are created later.',
      remedy === '' ? 'To remove it, restart the workload.' : `To remove it, run: ${remedy}`,
    ].join(' ');
  });
}

/** The command of the plan; for deferred or skipped workloads, a restart. */
function remedyOf({ kind, namespace, name, remedy }: WorkloadPlan): string {
  const known = WORKLOAD_KINDS.find((one) => one.kind === kind);
  return remedy === '' && known?.type === 'rollable' ? known.restartCommand(namespace, name) : remedy;
}
