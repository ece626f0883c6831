import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { fullHost } from '../host-matching';
import { gatewaysOf, isForSidecars } from './route-gateways';
import { fieldsAt, listAt, textsAt } from './spec-fields';
import { isExportedToAll, seenIn } from './visibility';

/**
 * Two VirtualServices for the same host. Sidecars use only one of them, and Istio does not define which. Gateways merge
 * the routes of both, which is a problem only if both match all requests.
 */
export function conflictingRouteProblems(mesh: Mesh): string[] {
  const inSidecars = new Map<string, MeshObject>();
  const atGateways = new Map<string, MeshObject>();
  return mesh.ofKind('VirtualService').flatMap((route) => {
    const { namespace, spec } = route;
    const hosts = textsAt(spec, 'hosts').map((host) => fullHost(host, namespace));
    const scopes = isForSidecars(route) ? scopesOf(mesh, route) : [];
    const gateways = gatewaysOf(mesh, route);
    const taken = gateways.length > 0 && takesAll(spec) ? gateways : [];
    const found = new Map<MeshObject, string>();
    const meet = (known: Map<string, MeshObject>, key: string, problem: string) => {
      const other = known.get(key);
      if (!other) known.set(key, route);
      else if (other !== route && !isSame(other, route) && !found.has(other)) found.set(other, problem);
    };
    for (const host of hosts) {
      for (const scope of scopes) meet(inSidecars, `${scope} ${host}`, `is for host '${host}' in sidecars`);
      for (const { name } of taken) {
        meet(atGateways, `${name} ${host}`, `matches all requests for host '${host}' at gateway '${name}'`);
      }
    }
    return [...found].map(
      ([other, problem]) =>
        `${titleOf(route)} ${problem}, and so does ${titleOf(other)}, but only one of them has an effect: put the routes into one VirtualService`,
    );
  });
}

/** The namespaces of the sidecars in which a route applies; a single `*` for all namespaces. */
function scopesOf(mesh: Mesh, route: MeshObject): readonly string[] {
  return isExportedToAll(mesh, route) ? ['*'] : seenIn(mesh, route);
}

function takesAll(spec: MeshObject['spec']): boolean {
  return listAt(spec, 'http').some((route) => {
    const matches = listAt(route, 'match');
    return (
      matches.length === 0 ||
      matches.some((match) => Object.keys(match).length === 0 || isRootPrefix(match, fieldsAt(match, 'uri')))
    );
  });
}

function isRootPrefix(match: MeshObject['spec'], uri: MeshObject['spec']): boolean {
  return Object.keys(match).every((field) => field === 'uri' || field === 'name') && uri.prefix === '/';
}
