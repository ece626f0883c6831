import { apiPath } from '../cluster/api-path';
import type { ApiOptions } from '../cluster/api';
import { unlessNotFound } from '../cluster/unless-not-found';
import { withCluster } from '../cluster/with-cluster';

/** How long an API server may still call a webhook after another API server has deleted its configuration. */
const PROPAGATION_MILLISECONDS = 2_000;

/**
 * Deletes the configurations of injection webhooks, so that new pods get no sidecar. Ignores configurations that no
 * longer exist.
 *
 * @param names of MutatingWebhookConfigurations
 * @throws RestartError
 */
export async function removeInjection(options: ApiOptions, names: readonly string[]): Promise<void> {
  await withCluster(
    options,
    async (api) => {
      let deleted = 0;
      for (const name of names) {
        const path = apiPath({
          apiVersion: 'admissionregistration.k8s.io/v1',
          resource: 'mutatingwebhookconfigurations',
          name,
        });
        if ((await unlessNotFound(api.request(path, { method: 'DELETE' }))) !== undefined) {
          deleted += 1;
        }
      }
      if (deleted > 0) {
        await api.pause(PROPAGATION_MILLISECONDS);
      }
    },
    'which the user that uninstalls Istio needs',
  );
}
