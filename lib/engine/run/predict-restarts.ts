import { withCluster } from '../cluster/with-cluster';
import type { RestartPlan } from '../plan/plan';
import type { Manifest } from '../plan/prediction/manifest';
import type { PredictionOptions } from './predicted-plan';
import { checkOptions } from './restart-options';

/**
 * Predicts what a restart will do after the manifests are applied. Changes nothing. Reads the injector's configuration,
 * its webhooks, ProxyConfigs, Namespaces and workloads from the manifests. Everything that they do not contain stays as
 * it is in the cluster.
 *
 * @returns the predicted plan, with `bound` if it is not exact
 * @throws RestartError if the prediction cannot be made
 */
export async function predictRestarts(
  options: PredictionOptions,
  manifests: readonly Manifest[],
): Promise<RestartPlan> {
  checkOptions(options);
  // A prediction needs much code that nothing else needs.
  const { predictedPlan } = await import('./predicted-plan.js');
  return withCluster(options, (api) => predictedPlan(api, options, manifests));
}
