import { IstioObject } from '../istio-object';
import { MESH_GATEWAY } from '../traffic/gateway-name';
import type { Mesh } from './mesh';
import { titleOf } from './mesh-object';
import { textsAt } from './spec-fields';

/**
 * Routes of constructs for the sidecars' requests, in a namespace that has no sidecars. Plain ApiObjects may be there:
 * sidecars of other namespaces heed them.
 */
export function outsideMeshProblems(mesh: Mesh): string[] {
  return mesh.ofKind('VirtualService').flatMap((route) => {
    const { object, namespace, spec } = route;
    const member = mesh.namespaces.get(namespace);
    if (!IstioObject.is(object) || member?.injected !== false) return [];
    const gateways = textsAt(spec, 'gateways');
    if (gateways.some((gateway) => gateway !== MESH_GATEWAY)) return [];
    return [
      `${titleOf(route)} is for sidecars, but namespace '${namespace}' (${member.object.node.path}) has injection disabled: ` +
        `enable it there, or put the policy into the namespace of the clients, with the host's full name`,
    ];
  });
}
