import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { coversHost, fullHost, namespaceOfHost } from '../host-matching';
import { uniformMode } from './peer-modes';
import { fieldsAt, listAt, textAt } from './spec-fields';
import { isWithoutSidecars } from './without-sidecars';

const FIND_OUT = 'leave tls out, because proxies detect which pods have a sidecar';

/**
 * DestinationRules that make clients send what the server does not accept: anything but Istio's mutual TLS to a
 * namespace whose sidecars require it, or Istio's mutual TLS to a namespace without sidecars or whose sidecars do not
 * accept it. MUTUAL is not checked, because its certificates may be Istio's own. Gateways and other pods that are known to
 * have no sidecar are not checked.
 */
export function tlsModeProblems(mesh: Mesh): string[] {
  return mesh.ofKind('DestinationRule').flatMap((rule) => {
    const modes = modesOf(rule);
    if (modes.length === 0) return [];
    const host = hostOf(rule);
    const namespace = namespaceOfHost(host);
    // One sentence is enough for a rule that covers several namespaces.
    return namespace === undefined
      ? coveredNamespaces(mesh, host)
          .flatMap((name) => modeProblems(mesh, rule, name, `of namespace '${name}'`))
          .slice(0, 1)
      : modeProblems(mesh, rule, namespace, 'there');
  });
}

/** The problems with the modes of a rule for a namespace, one sentence each. `where` describes the sidecars. */
function modeProblems(mesh: Mesh, rule: MeshObject, namespace: string, where: string): string[] {
  const member = mesh.namespaces.get(namespace);
  if (member?.injected === undefined) return [];
  const modes = modesOf(rule);
  const has = (mode: string) => `${titleOf(rule)} has tls mode ${mode} for host '${hostOf(rule)}', but`;
  const mutual = modes.includes('ISTIO_MUTUAL');
  if (!member.injected) {
    return mutual
      ? [
          `${has('ISTIO_MUTUAL')} namespace '${namespace}' (${member.object.node.path}) has injection disabled, so nothing there accepts it: write DISABLE, or leave tls out`,
        ]
      : [];
  }
  // Only sidecars enforce PeerAuthentications. The servers of a gateway decide what it accepts.
  if (isWithoutSidecars(mesh, hostOf(rule), namespace)) return [];
  const other = ['DISABLE', 'SIMPLE'].find((mode) => modes.includes(mode));
  const strict = other === undefined ? undefined : uniformMode(mesh, namespace, 'STRICT');
  const disabled = mutual ? uniformMode(mesh, namespace, 'DISABLE') : undefined;
  return [
    ...(other !== undefined && strict
      ? [
          `${has(other)} because of ${titleOf(strict)}, sidecars ${where} only accept mutual TLS: ${FIND_OUT}, or make the PeerAuthentication PERMISSIVE`,
        ]
      : []),
    ...(disabled
      ? [
          `${has('ISTIO_MUTUAL')} because of ${titleOf(disabled)}, sidecars ${where} do not accept mutual TLS: ${FIND_OUT}, or make the PeerAuthentication PERMISSIVE`,
        ]
      : []),
  ];
}

const hostOf = ({ spec, namespace }: MeshObject) => fullHost(textAt(spec, 'host') ?? '', namespace);

/** The namespaces of the app with sidecars whose hosts match a wildcard such as `*.local` and no more specific rule. */
function coveredNamespaces(mesh: Mesh, host: string): string[] {
  if (!host.startsWith('*')) return [];
  const ruled = new Set(mesh.ofKind('DestinationRule').map((rule) => namespaceOfHost(hostOf(rule))));
  return [...mesh.namespaces]
    .filter(([name, { injected }]) => injected === true && !ruled.has(name) && coversHost(host, fullHost('any', name)))
    .map(([name]) => name);
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
