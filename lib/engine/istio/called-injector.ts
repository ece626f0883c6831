import { compareText } from '../cluster/compare-text';
import { groupBy } from '../../group-by';
import { isForNewPods, selectsPod, type InjectionWebhook, type SelectedPod } from './injection-webhooks';

/** The injector that the API server would call for a pod; or why that is unknown, as a clause. */
export type CalledInjector =
  { readonly webhook: InjectionWebhook } | { readonly webhook: undefined } | { readonly unknown: string };

/**
 * Determines the injector without the API server, from the webhooks that apply to new pods and select this pod, in
 * calling order.
 *
 * This is necessary because an injector does not check the selectors of its webhooks, and would also inject pods
 * outside the mesh.
 */
export function calledInjector(webhooks: readonly InjectionWebhook[], pod: SelectedPod): CalledInjector {
  const selecting = webhooks
    .filter((webhook) => isForNewPods(webhook.rules) && selectsPod(webhook, pod))
    .sort((one, other) => compareText(one.configuration, other.configuration));
  const [first, second] = [...groupBy(selecting, addressOf).values()];
  if (first && second) {
    const names = [...new Set([...first, ...second].map(({ configuration }) => configuration))];
    return { unknown: `the webhooks of ${names.join(' and ')} select its pods, and call different injectors` };
  }
  const certain = first?.find(({ hasMatchConditions }) => !hasMatchConditions);
  const [open] = first ?? [];
  return open && !certain
    ? {
        unknown: `the injection webhook of ${open.configuration} has matchConditions, which only the API server can evaluate`,
      }
    : { webhook: certain };
}

/** Identifies an injector. Injectors of two configurations that are called by URL count as different. */
function addressOf({ service, configuration }: InjectionWebhook): string {
  return service ? JSON.stringify([service.namespace, service.name, service.port, service.path]) : configuration;
}
