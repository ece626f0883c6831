import { withCluster } from '../cluster/with-cluster';
import type { Purpose } from '../plan/plan-options';
import { Stopping } from '../rollout/stopping';
import { handOn } from './hand-on';
import type { Planning } from './plan-cluster';
import { checkOptions, type RestartOptions } from './restart-options';

/**
 * Checks the options and connects to the cluster for the work, which ends when the caller stops it.
 *
 * @throws RestartError
 */
export async function withPlanning<T>(
  options: RestartOptions,
  purpose: Purpose,
  work: (planning: Planning, stopping: Stopping) => Promise<T>,
): Promise<T> {
  checkOptions(options);
  const stopping = new Stopping(options);
  try {
    return await withCluster({ ...options, signal: stopping.signal }, (api) =>
      work({ api, options, purpose, emit: handOn(options) }, stopping),
    );
  } finally {
    stopping.close();
  }
}
