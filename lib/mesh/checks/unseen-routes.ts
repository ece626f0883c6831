import { fullGatewayName, MESH_GATEWAY } from '../traffic/gateway-name';
import { podsWith } from './known-pods';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { fieldsAt, textsAt } from './spec-fields';
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

/** VirtualServices that are not exported to the namespace of a gateway whose pods are not in the app. */
export function unseenRouteWarnings(mesh: Mesh): string[] {
  return unseenRoutes(mesh)
    .filter(({ isKnown }) => !isKnown)
    .map(
      ({ route, gateway, exported, places }) =>
        `${titleOf(route)} is for gateway '${gateway}', but it is only exported to '${exported}', so pods of the gateway in '${places}' do not have its routes: add '${places}' to exportTo, unless the pods are in '${exported}'`,
    );
}

function unseenRoutes(mesh: Mesh): readonly UnseenRoute[] {
  const gateways = new Map(mesh.ofKind('Gateway').map((gateway) => [`${gateway.namespace}/${gateway.name}`, gateway]));
  return mesh.ofKind('VirtualService').flatMap((route) => {
    const seen = seenIn(route);
    if (route.namespace === '' || seen.length === 0 || seen.includes('*')) return [];
    return textsAt(route.spec, 'gateways')
      .filter((reference) => reference !== MESH_GATEWAY)
      .flatMap((reference) => {
        const gateway = fullGatewayName(reference, route.namespace);
        const known = placesOf(mesh, gateways.get(gateway));
        const [own = ''] = gateway.split('/');
        const places = known.length > 0 ? known : [own];
        return places.some((place) => place === '' || seen.includes(place))
          ? []
          : [{ route, gateway, exported: listed(seen), places: listed(places), isKnown: known.length > 0 }];
      });
  });
}

/** The namespaces in which the app has pods that a Gateway selects. */
function placesOf(mesh: Mesh, gateway: MeshObject | undefined): readonly string[] {
  const pods = gateway ? podsWith(mesh, fieldsAt(gateway.spec, 'selector')) : [];
  return [...new Set(pods.map(({ namespace }) => namespace))];
}

const listed = (namespaces: readonly string[]): string => namespaces.join("', '");
