import type { PodTemplate, StringMap } from '../cluster/objects';
import { INJECTION_LABEL, REVISION_LABEL } from '../istio/injection-labels';

const INJECT = 'sidecar.istio.io/inject';

/**
 * Whether the labels of the namespace and the pod template request a sidecar. Only used to assess an injector that adds
 * none.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
export function requestsInjection(namespaceLabels: StringMap, template: PodTemplate): boolean {
  const labels = template.metadata?.labels ?? {};
  const policy = labels[INJECT] ?? template.metadata?.annotations?.[INJECT];
  if (policy === 'false' || template.spec.hostNetwork) {
    return false;
  }
  const namespacePolicy = namespaceLabels[INJECTION_LABEL];
  if (namespacePolicy !== undefined) {
    return namespacePolicy === 'enabled';
  }
  return Boolean(namespaceLabels[REVISION_LABEL]) || policy === 'true' || Boolean(labels[REVISION_LABEL]);
}
