import { fullGatewayName, MESH_GATEWAY } from '../traffic/gateway-name';
import { podsWith, type KnownPods } from './known-pods';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { fieldsAt, textsAt } from './spec-fields';

/** A gateway that a VirtualService names. */
export interface RouteGateway {
  /** `namespace/name` of the gateway. */
  readonly name: string;

  /** Namespace of the Gateway. */
  readonly namespace: string;

  /** The Gateway, if the app contains it. */
  readonly gateway?: MeshObject;
}

/** The gateways that a VirtualService names, besides `mesh`. */
export function gatewaysOf(mesh: Mesh, { namespace, spec }: MeshObject): readonly RouteGateway[] {
  return textsAt(spec, 'gateways')
    .filter((reference) => reference !== MESH_GATEWAY)
    .map((reference) => {
      const name = fullGatewayName(reference, namespace);
      return { name, namespace: name.split('/')[0] ?? '', gateway: gateways(mesh).get(name) };
    });
}

/** The pods of the app that serve a gateway. */
export function podsServing(mesh: Mesh, { gateway }: RouteGateway): readonly KnownPods[] {
  return gateway ? podsWith(mesh, fieldsAt(gateway.spec, 'selector')) : [];
}

/** Whether a VirtualService applies in sidecars. */
export function isForSidecars({ spec }: MeshObject): boolean {
  const named = textsAt(spec, 'gateways');
  return named.length === 0 || named.includes(MESH_GATEWAY);
}

const gateways = perMesh(
  (mesh) => new Map(mesh.ofKind('Gateway').map((gateway) => [`${gateway.namespace}/${gateway.name}`, gateway])),
);
