import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { namespaceOfHost, fullHost } from '../host-matching';
import { fieldsAt, listAt, textAt } from './spec-fields';

/**
 * DestinationRules that make clients send what the other end does not take: plain text to a namespace whose sidecars
 * take mutual TLS alone, and Istio's mutual TLS to a namespace without sidecars.
 */
export function tlsModeProblems(mesh: Mesh): string[] {
  return mesh.ofKind('DestinationRule').flatMap((rule) => {
    const modes = modesOf(rule);
    if (modes.length === 0) return [];
    const host = fullHost(textAt(rule.spec, 'host') ?? '', rule.namespace);
    const namespace = namespaceOfHost(host);
    const member = namespace === undefined ? undefined : mesh.namespaces.get(namespace);
    if (namespace === undefined || member?.injected === undefined) return [];
    if (!member.injected) {
      return modes.includes('ISTIO_MUTUAL')
        ? [
            `${titleOf(rule)} has tls mode ISTIO_MUTUAL for host '${host}', but namespace '${namespace}' (${member.object.node.path}) has injection disabled, so nothing there takes it: write DISABLE, or leave tls out`,
          ]
        : [];
    }
    const strict = modes.includes('DISABLE') ? strictRule(mesh, namespace) : undefined;
    return strict
      ? [
          `${titleOf(rule)} has tls mode DISABLE for host '${host}', but by ${titleOf(strict)} sidecars there take mutual TLS alone: leave tls out, as proxies find out by themselves which pods have a sidecar, or make the latter PERMISSIVE`,
        ]
      : [];
  });
}

/** The PeerAuthentication that makes a whole namespace strict, if no narrower one may say otherwise. */
function strictRule(mesh: Mesh, namespace: string): MeshObject | undefined {
  const policies = mesh.ofKind('PeerAuthentication');
  const within = policies.filter((policy) => policy.namespace === namespace);
  const broad = within.filter((policy) => !isNarrow(policy));
  const wider =
    broad.length > 0 ? broad : policies.filter((one) => one.namespace === mesh.rootNamespace && !isNarrow(one));
  const strict = wider.length > 0 && wider.every((policy) => modeOf(policy) === 'STRICT') ? wider[0] : undefined;
  const excepted = within.some(
    (policy) => isNarrow(policy) && (modeOf(policy) !== 'STRICT' || policy.spec.portLevelMtls !== undefined),
  );
  return excepted ? undefined : strict;
}

function isNarrow({ spec }: MeshObject): boolean {
  return Object.keys(fieldsAt(fieldsAt(spec, 'selector'), 'matchLabels')).length > 0;
}

function modeOf({ spec }: MeshObject): string | undefined {
  return textAt(fieldsAt(spec, 'mtls'), 'mode');
}

function modesOf({ spec }: MeshObject): string[] {
  const found: string[] = [];
  for (const holder of [spec, ...listAt(spec, 'subsets')]) {
    if (holder.trafficPolicy === undefined) continue;
    const policy = fieldsAt(holder, 'trafficPolicy');
    for (const settings of [policy, ...listAt(policy, 'portLevelSettings')]) {
      const mode = textAt(fieldsAt(settings, 'tls'), 'mode');
      if (mode !== undefined) found.push(mode);
    }
  }
  return found;
}
