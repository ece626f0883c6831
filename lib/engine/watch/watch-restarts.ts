import { isAborted } from '../restart-error';
import { handOn } from '../run/hand-on';
import type { WatchEvent } from './watch-event';
import { checkWatchOptions, type WatchOptions } from './watch-options';

/**
 * Restarts workloads whenever their sidecars become outdated: after a change of injection webhooks, of istiod or its
 * configuration, of ProxyConfigs, or of Namespaces; when a maintenance window opens; and periodically. When `drain`
 * fires, it returns after the rollouts under way are complete.
 *
 * A failed run is retried after a pause that increases up to `resyncSeconds`, or after the next change. If a rollout
 * has failed and `onFailure` is `stop`, retries restart no workloads until none of the failed ones still needs a
 * restart, or until a webhook, the control plane, its configuration or a ProxyConfig of the root namespace changes. If
 * the Namespace of failed workloads or a ProxyConfig in it changes before then, only the workloads of this namespace
 * are restarted.
 *
 * @throws RestartError `InvalidOption`; at the start, `KubeconfigInvalid`, or `Forbidden` for the Lease
 */
export async function watchRestarts(options: WatchOptions = {}): Promise<void> {
  checkWatchOptions(options);
  // Nothing else needs the code of a watch.
  const { watchCluster } = await import('./watch-cluster.js');
  const { drain, signal } = options;
  const over = new AbortController();
  const told = [drain, signal].filter((one) => one !== undefined);
  try {
    await watchCluster(options, handOn<WatchEvent>(options), AbortSignal.any([...told, over.signal]));
  } catch (error) {
    if (!isAborted(error) || !told.some(({ aborted }) => aborted)) {
      throw error;
    }
  } finally {
    // Ends the watches in all cases.
    over.abort();
  }
}
