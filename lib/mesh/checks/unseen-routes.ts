import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { gatewaysOf, podsServing } from './route-gateways';
import { seenIn } from './visibility';

/** A VirtualService for a gateway whose pods do not see it. */
interface UnseenRoute {
  readonly route: MeshObject;

  /** `namespace/name` of the gateway. */
  readonly gateway: string;

  /** The namespaces to which the VirtualService is exported. */
  readonly exported: string;

  /** The namespaces of the gateway's pods. */
  readonly places: string;

  /** Whether the app contains pods of the gateway. Otherwise, their namespace is assumed to be that of the Gateway. */
  readonly isKnown: boolean;
}

/** VirtualServices for a gateway that are not exported to any namespace in which the app has pods of the gateway. */
export function unseenRouteProblems(mesh: Mesh): string[] {
  return unseenRoutes(mesh)
    .filter(({ isKnown }) => isKnown)
    .map(
      ({ route, gateway, exported, places }) =>
        `${titleOf(route)} is for gateway '${gateway}', whose pods are in '${places}', but it is only exported to '${exported}', so the gateway does not have its routes: add '${places}' to exportTo`,
    );
}

/**
 * VirtualServices for a Gateway of another namespace that are only exported to their own namespace, if the pods of the
 * Gateway are not in the app. Any other namespace in `exportTo` may be that of the pods.
 */
export function unseenRouteWarnings(mesh: Mesh): string[] {
  return unseenRoutes(mesh)
    .filter(({ isKnown }) => !isKnown)
    .map(
      ({ route, gateway, exported, places }) =>
        `${titleOf(route)} is for gateway '${gateway}', but it is only exported to '${exported}', so pods of the gateway in '${places}' do not have its routes: add '${places}' to exportTo, unless the pods are in '${exported}'`,
    );
}

const unseenRoutes = perMesh((mesh): readonly UnseenRoute[] =>
  mesh.ofKind('VirtualService').flatMap((route) => {
    const seen = seenIn(mesh, route);
    if (route.namespace === '' || seen.length === 0 || seen.includes('*')) return [];
    const isPrivate = seen.every((place) => place === route.namespace);
    return gatewaysOf(mesh, route).flatMap((gateway) => {
      const known = [...new Set(podsServing(mesh, gateway).map(({ namespace }) => namespace))];
      const isKnown = known.length > 0;
      const places = isKnown ? known : [gateway.namespace];
      return places.some((place) => place === '' || seen.includes(place)) || !(isKnown || isPrivate)
        ? []
        : [{ route, gateway: gateway.name, exported: listed(seen), places: listed(places), isKnown }];
    });
  }),
);

const listed = (namespaces: readonly string[]): string => namespaces.join("', '");
