import { allContainers } from '../cluster/all-containers';
import type { PodSpec, StringMap } from '../cluster/objects';
import { isObject } from '../cluster/is-object';
import { isWellKnownContainer } from '../injector/sidecar';

const ENFORCED = 'pod-security.kubernetes.io/enforce';

/**
 * The enforced Pod Security level of the namespace that the sidecar in a pod with this spec violates; undefined if it
 * violates none. Only checks what sidecars need without Istio's CNI agent: added capabilities and privileges.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function refusedByPodSecurity(namespaceLabels: StringMap, spec: PodSpec): string | undefined {
  const level = namespaceLabels[ENFORCED];
  const isAgainst = allContainers(spec).some(({ name, securityContext }) => {
    const { privileged, capabilities } = isObject(securityContext) ? securityContext : {};
    const added = isObject(capabilities) && Array.isArray(capabilities.add) ? capabilities.add : [];
    return isWellKnownContainer(name) && (privileged === true || added.length > 0);
  });
  return isAgainst && (level === 'baseline' || level === 'restricted') ? level : undefined;
}
