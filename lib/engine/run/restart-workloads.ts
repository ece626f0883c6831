import type { Purpose } from '../plan/plan-options';
import type { RestartOptions } from './restart-options';
import type { RestartReport } from './restart-report';
import { withPlanning } from './with-planning';

/**
 * Brings every workload's sidecar up to date: waits until the injector uses its current configuration, plans, restarts,
 * and plans again. In at most two further rounds, restarts workloads that are still out of date.
 *
 * @throws RestartError whose `done` contains what was restarted before the error
 */
export async function restartWorkloads(options: RestartOptions = {}): Promise<RestartReport> {
  return run(options, 'update');
}

/**
 * After an uninstall of Istio: restarts workloads that still have a sidecar, which removes it.
 *
 * @throws RestartError in the same cases as `restartWorkloads`
 */
export async function removeSidecars(options: RestartOptions = {}): Promise<RestartReport> {
  return run(options, 'remove');
}

async function run(options: RestartOptions, purpose: Purpose): Promise<RestartReport> {
  return withPlanning(options, purpose, async (planning, stopping) => {
    // A plan does not need the code of a restart.
    const { runRounds } = await import('./run-rounds.js');
    return runRounds(planning, stopping);
  });
}
