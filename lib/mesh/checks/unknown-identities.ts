import { isForGateways, needsIdentity } from '../security/client-identities';
import type { Mesh } from './mesh';
import { titleOf } from './mesh-object';
import { uniformMode } from './peer-modes';
import { listAt } from './spec-fields';

/**
 * Rules of AuthorizationPolicies that match only clients with a known identity, for workloads that do not accept mutual
 * TLS and so know no identities. Gateways are not checked, because their own servers authenticate clients.
 */
export function unknownIdentityProblems(mesh: Mesh): string[] {
  return mesh.ofKind('AuthorizationPolicy').flatMap((policy) => {
    const { namespace, spec } = policy;
    if (namespace === mesh.rootNamespace || mesh.namespaces.get(namespace)?.injected !== true) return [];
    if (isForGateways(spec)) return [];
    const idle = listAt(spec, 'rules').findIndex(needsIdentity);
    const disabled = idle < 0 ? undefined : uniformMode(mesh, namespace, 'DISABLE');
    return disabled
      ? [
          `${titleOf(policy)} names clients by their identity in rules[${String(idle)}], but because of ${titleOf(disabled)}, the workloads do not accept mutual TLS and so know no identities: make the PeerAuthentication PERMISSIVE or STRICT, or name clients by ipBlocks`,
        ]
      : [];
  });
}
