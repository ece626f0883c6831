import { apiPath } from '../cluster/api-path';
import type { ApiOptions } from '../cluster/api';
import { unlessNotFound } from '../cluster/unless-not-found';
import { withCluster } from '../cluster/with-cluster';

/** How long an API server may go on calling a webhook whose configuration another one has deleted. */
const PROPAGATION_MILLISECONDS = 2_000;

/**
 * Deletes the configurations of injection webhooks, so that new pods come without a sidecar; those that are gone
 * already are fine.
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
    'to whoever uninstalls Istio',
  );
}
