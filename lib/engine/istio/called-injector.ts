import { compareText } from '../cluster/compare-text';
import { groupBy } from '../cluster/group-by';
import { isForNewPods, selectsPod, type InjectionWebhook, type SelectedPod } from './injection-webhooks';

/** The injector that the API server would call for a pod; or, as a clause, why that cannot be determined. */
export type CalledInjector =
  { readonly webhook: InjectionWebhook } | { readonly webhook: undefined } | { readonly unknown: string };

/**
 * Works out what the API server does where it is not asked itself: which webhooks are for new pods and select this one, in
 * the order in which they are called.
 *
 * An injector looks at the pod alone, and would inject outside the mesh as well.
 */
export function calledInjector(webhooks: readonly InjectionWebhook[], pod: SelectedPod): CalledInjector {
  const selecting = webhooks
    .filter((webhook) => isForNewPods(webhook.rules) && selectsPod(webhook, pod))
    .sort((one, other) => compareText(one.configuration, other.configuration));
  const [first, second] = [...groupBy(selecting, addressOf).values()];
  if (first && second) {
    const names = [...new Set([...first, ...second].map(({ configuration }) => configuration))];
    return { unknown: `the webhooks of ${names.join(' and ')} select a pod of it, and call different injectors` };
  }
  const certain = first?.find(({ hasMatchConditions }) => !hasMatchConditions);
  const [open] = first ?? [];
  return open && !certain
    ? { unknown: `the injection webhook of ${open.configuration} has matchConditions, which the API server evaluates` }
    : { webhook: certain };
}

/** One that is reached by URL is another one in each configuration. */
function addressOf({ service, configuration }: InjectionWebhook): string {
  return service ? JSON.stringify([service.namespace, service.name, service.port, service.path]) : configuration;
}
