import type { KubernetesApi } from '../../lib/engine/cluster/api';
import { DryRuns } from '../../lib/engine/injector/dry-runs';
import { InjectorAlone } from '../../lib/engine/injector/injector-alone';
import { readWebhookConfigurations } from '../../lib/engine/istio/control-planes';
import { injectionWebhooks, otherWebhooks } from '../../lib/engine/istio/injection-webhooks';
import type { Injection } from '../../lib/engine/plan/injection';

/** The injection that the cluster's own webhooks configure. */
export async function injectionOf(api: KubernetesApi): Promise<Injection> {
  const configurations = await readWebhookConfigurations(api);
  return {
    webhooks: injectionWebhooks(configurations),
    others: otherWebhooks(configurations),
    alone: new InjectorAlone(api),
    dryRuns: new DryRuns(),
  };
}
