import { gatewayApiRoutes, isService, type RouteReference } from './gateway-api-routes';
import { fullHost } from '../host-matching';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { isForSidecars } from './route-gateways';
import { portsOf, servicesOf } from './routed-services';
import { listAt, textsAt } from './spec-fields';
import { isExportedToAll } from './visibility';

/**
 * An HTTPRoute or GRPCRoute and a VirtualService that both apply to the same Service in the sidecars of all clients.
 * Sidecars use only one of them, and Istio does not define which.
 */
export function besideVirtualServiceProblems(mesh: Mesh): string[] {
  return meetings(mesh)
    .filter(({ ports }) => ports === undefined)
    .map(
      ({ route, host, policy }) =>
        `${titleOf(route)} is for host '${host}' in sidecars, and so is ${titleOf(policy)}, but only one of them has an effect: put the rules into one`,
    );
}

/** The same problem for one of several ports. The VirtualService still applies to the other ports. */
export function besideVirtualServiceWarnings(mesh: Mesh): string[] {
  return meetings(mesh).flatMap(({ route, host, policy, ports }) =>
    ports === undefined
      ? []
      : [
          `${titleOf(route)} is for port ${String(ports)} of host '${host}' in sidecars, and ${titleOf(policy)} is for all ports, but only one of them has an effect there: put the rules into one, or match other ports`,
        ],
  );
}

interface Meeting {
  readonly route: MeshObject;
  readonly policy: MeshObject;
  readonly host: string;

  /** The only port of the route, if the Service has other ports or may have them. */
  readonly ports?: number;
}

function meetings(mesh: Mesh): Meeting[] {
  const routes = gatewayApiRoutes(mesh).filter(({ route }) => route.kind !== 'TLSRoute');
  if (routes.length === 0) return [];
  const policies = new Map<string, MeshObject>();
  for (const policy of mesh.ofKind('VirtualService')) {
    if (!isForEverySidecar(mesh, policy)) continue;
    for (const host of textsAt(policy.spec, 'hosts')) policies.set(fullHost(host, policy.namespace), policy);
  }
  if (policies.size === 0) return [];
  const services = servicesOf(mesh);
  return routes.flatMap(({ route, parents }) =>
    parents.filter(isService).flatMap((parent) => {
      const { name, namespace, port } = parent;
      const host = fullHost(name, namespace);
      const policy = policies.get(host);
      // In another namespace, a route applies to the clients of that namespace, and takes precedence there.
      if (!policy || namespace !== route.namespace) return [];
      return [{ route, policy, host, ports: isOnlyPort(services, parent) ? undefined : port }];
    }),
  );
}

/** Whether all sidecars apply the HTTP routes of a VirtualService. */
function isForEverySidecar(mesh: Mesh, policy: MeshObject): boolean {
  return isForSidecars(policy) && listAt(policy.spec, 'http').length > 0 && isExportedToAll(mesh, policy);
}

function isOnlyPort(services: ReturnType<typeof servicesOf>, { name, namespace, port }: RouteReference): boolean {
  const service = services.get(`${namespace}/${name}`);
  const ports = service ? portsOf(service) : [];
  return ports.length === 1 && ports[0] === port;
}
