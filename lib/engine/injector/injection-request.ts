import type { PodTemplate, StringMap } from '../cluster/objects';

const INJECT = 'sidecar.istio.io/inject';
const REVISION = 'istio.io/rev';

/**
 * Whether namespace and pod template, by their labels alone, ask for a sidecar. Used to judge an injector that gives
 * none; what it does give is for the injector to say.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
export function requestsInjection(namespaceLabels: StringMap, template: PodTemplate): boolean {
  const labels = template.metadata?.labels ?? {};
  const policy = labels[INJECT] ?? template.metadata?.annotations?.[INJECT];
  if (policy === 'false' || template.spec.hostNetwork) {
    return false;
  }
  const namespacePolicy = namespaceLabels['istio-injection'];
  if (namespacePolicy !== undefined) {
    return namespacePolicy === 'enabled';
  }
  return Boolean(namespaceLabels[REVISION]) || policy === 'true' || Boolean(labels[REVISION]);
}
