import type { PodSpec, StringMap } from '../cluster/objects';
import { isObject } from '../cluster/is-object';
import { isWellKnownContainer } from '../injector/sidecar';

const ENFORCED = 'pod-security.kubernetes.io/enforce';

/**
 * The level of Pod Security that the namespace enforces and that a pod with such a sidecar is against; undefined for none.
 * Only what sidecars have without Istio's CNI agent is looked at: capabilities that they add, and privileges.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function refusedByPodSecurity(namespaceLabels: StringMap, spec: PodSpec): string | undefined {
  const level = namespaceLabels[ENFORCED];
  const isAgainst = [...spec.containers, ...(spec.initContainers ?? [])].some(({ name, securityContext }) => {
    const { privileged, capabilities } = isObject(securityContext) ? securityContext : {};
    const added = isObject(capabilities) && Array.isArray(capabilities.add) ? capabilities.add : [];
    return isWellKnownContainer(name) && (privileged === true || added.length > 0);
  });
  return isAgainst && (level === 'baseline' || level === 'restricted') ? level : undefined;
}
