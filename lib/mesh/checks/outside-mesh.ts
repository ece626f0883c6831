import { IstioObject } from '../istio-object';
import { MESH_GATEWAY } from '../traffic/gateway-name';
import type { Mesh } from './mesh';
import { titleOf } from './mesh-object';
import { seenIn } from './visibility';
import { textsAt } from './spec-fields';

/**
 * Routes of constructs that apply in sidecars but are only exported to namespaces without sidecars. Plain ApiObjects
 * are not checked.
 */
export function outsideMeshProblems(mesh: Mesh): string[] {
  return mesh.ofKind('VirtualService').flatMap((route) => {
    const { object, namespace, spec } = route;
    const member = mesh.namespaces.get(namespace);
    if (!IstioObject.is(object) || member?.injected !== false) return [];
    const gateways = textsAt(spec, 'gateways');
    if (gateways.some((gateway) => gateway !== MESH_GATEWAY)) return [];
    if (!seenIn(mesh, route).every((one) => mesh.namespaces.get(one)?.injected === false)) return [];
    return [
      `${titleOf(route)} is for sidecars, but namespace '${namespace}' (${member.object.node.path}) has injection disabled, and the route is not exported to any namespace with sidecars: ` +
        `enable injection in '${namespace}', or name the namespaces of the clients in exportTo`,
    ];
  });
}

/** Policies for workloads in a namespace without sidecars, which nothing enforces. */
export function unenforcedPolicyWarnings(mesh: Mesh): string[] {
  return ['AuthorizationPolicy', 'RequestAuthentication'].flatMap((kind) =>
    mesh.ofKind(kind).flatMap((policy) => {
      const member = mesh.namespaces.get(policy.namespace);
      if (member?.injected !== false || policy.namespace === mesh.rootNamespace) return [];
      return [
        `${titleOf(policy)} is enforced by sidecars, but namespace '${policy.namespace}' (${member.object.node.path}) has injection disabled: enable it there, or let the workloads themselves refuse requests`,
      ];
    }),
  );
}
