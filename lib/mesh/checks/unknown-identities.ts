import type { Mesh } from './mesh';
import { titleOf } from './mesh-object';
import { uniformMode } from './peer-modes';
import { fieldsAt, listAt, textAt, textsAt } from './spec-fields';

type Rule = Readonly<Record<string, unknown>>;

const IDENTITIES = ['principals', 'namespaces', 'serviceAccounts', 'trustDomains'];
const ATTRIBUTES = ['source.principal', 'source.namespace', 'source.serviceAccount', 'source.trustDomain'];

/**
 * Rules of AuthorizationPolicies that match only clients with a known identity, for workloads that do not accept mutual
 * TLS and so know no identities. Gateways are not checked, because their own servers authenticate clients.
 */
export function unknownIdentityProblems(mesh: Mesh): string[] {
  return mesh.ofKind('AuthorizationPolicy').flatMap((policy) => {
    const { namespace, spec } = policy;
    if (namespace === mesh.rootNamespace || mesh.namespaces.get(namespace)?.injected !== true) return [];
    if ('istio' in fieldsAt(fieldsAt(spec, 'selector'), 'matchLabels') || 'targetRefs' in spec) return [];
    const idle = listAt(spec, 'rules').findIndex(needsIdentity);
    const disabled = idle < 0 ? undefined : uniformMode(mesh, namespace, 'DISABLE');
    return disabled
      ? [
          `${titleOf(policy)} names clients by their identity in rules[${String(idle)}], but because of ${titleOf(disabled)}, the workloads do not accept mutual TLS and so know no identities: make the PeerAuthentication PERMISSIVE or STRICT, or name clients by ipBlocks`,
        ]
      : [];
  });
}

function needsIdentity(rule: Rule): boolean {
  const sources = listAt(rule, 'from').map((from) => fieldsAt(from, 'source'));
  return (
    (sources.length > 0 && sources.every((source) => IDENTITIES.some((field) => textsAt(source, field).length > 0))) ||
    listAt(rule, 'when').some(
      (condition) => ATTRIBUTES.includes(textAt(condition, 'key') ?? '') && textsAt(condition, 'values').length > 0,
    )
  );
}
