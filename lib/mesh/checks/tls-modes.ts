import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { namespaceOfHost, fullHost } from '../host-matching';
import { uniformMode } from './peer-modes';
import { fieldsAt, listAt, textAt } from './spec-fields';

const FIND_OUT = 'leave tls out, as proxies find out by themselves which pods have a sidecar';

/**
 * DestinationRules that make clients send what the other end does not take: anything but Istio's mutual TLS to a
 * namespace whose sidecars take that alone, and Istio's mutual TLS to a namespace whose sidecars take none, or that has
 * no sidecars. Certificates of MUTUAL may be Istio's own.
 */
export function tlsModeProblems(mesh: Mesh): string[] {
  return mesh.ofKind('DestinationRule').flatMap((rule) => {
    const modes = modesOf(rule);
    if (modes.length === 0) return [];
    const host = fullHost(textAt(rule.spec, 'host') ?? '', rule.namespace);
    const namespace = namespaceOfHost(host);
    const member = namespace === undefined ? undefined : mesh.namespaces.get(namespace);
    if (namespace === undefined || member?.injected === undefined) return [];
    const mutual = modes.includes('ISTIO_MUTUAL');
    if (!member.injected) {
      return mutual
        ? [
            `${titleOf(rule)} has tls mode ISTIO_MUTUAL for host '${host}', but namespace '${namespace}' (${member.object.node.path}) has injection disabled, so nothing there takes it: write DISABLE, or leave tls out`,
          ]
        : [];
    }
    const other = ['DISABLE', 'SIMPLE'].find((mode) => modes.includes(mode));
    const strict = other === undefined ? undefined : uniformMode(mesh, namespace, 'STRICT');
    const disabled = mutual ? uniformMode(mesh, namespace, 'DISABLE') : undefined;
    return [
      ...(other !== undefined && strict
        ? [
            `${titleOf(rule)} has tls mode ${other} for host '${host}', but by ${titleOf(strict)} sidecars there take mutual TLS alone: ${FIND_OUT}, or make the latter PERMISSIVE`,
          ]
        : []),
      ...(disabled
        ? [
            `${titleOf(rule)} has tls mode ISTIO_MUTUAL for host '${host}', but by ${titleOf(disabled)} sidecars there take no mutual TLS: ${FIND_OUT}, or make the latter PERMISSIVE`,
          ]
        : []),
    ];
  });
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
