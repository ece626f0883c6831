import type { RestartPlan } from '../plan/plan';
import { planCluster } from './plan-cluster';
import type { RestartOptions } from './restart-options';
import { readTransitions } from './transitions';
import { withPlanning } from './with-planning';

/**
 * Plans which outdated workloads a restart would change, and how. Changes nothing.
 *
 * @throws RestartError if the plan would be uncertain
 */
export async function planRestarts(options: RestartOptions = {}): Promise<RestartPlan> {
  return withPlanning(options, 'update', async (planning) => {
    const planned = await planCluster(planning);
    const { transitions } = await readTransitions(planning, planned);
    const { plan } = planned;
    return transitions.length === 0 ? plan : { ...plan, transitions };
  });
}

/**
 * Determines which workloads still have a sidecar after an uninstall of Istio, and how a restart would remove it.
 * Changes nothing.
 *
 * @throws RestartError in the same cases as `planRestarts`
 */
export async function planRemoval(options: RestartOptions = {}): Promise<RestartPlan> {
  return withPlanning(options, 'remove', async (planning) => (await planCluster(planning)).plan);
}
