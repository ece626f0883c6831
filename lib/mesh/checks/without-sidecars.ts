import type { ApiObject } from 'cdk8s';
import { knownPods, podsBehind, podsIn, type KnownPods } from './known-pods';
import type { Mesh } from './mesh';
import { perMesh } from './per-mesh';
import { serviceOf } from './routed-services';

/**
 * Whether no pod behind a host in a namespace has a sidecar; for a wildcard, no pod of the namespace. Undefined if the
 * app contains none of these pods, or no Service of the host. Regardless of pods, these count as without sidecars:
 * Services without a selector; Services of the gateways that modules of the app install; and, for a wildcard, the
 * namespaces of control planes and gateways.
 */
export function isWithoutSidecars(mesh: Mesh, host: string, namespace: string): boolean | undefined {
  if (host.startsWith('*')) return infrastructure(mesh).has(namespace) || haveNoSidecar(podsIn(mesh, namespace));
  const service = serviceOf(mesh, host);
  if (!service) return undefined;
  const pods = podsBehind(mesh, service);
  // Without a selector, a Service is usually for endpoints outside the mesh.
  return pods === undefined || gatewayObjects(mesh).has(service) || haveNoSidecar(pods);
}

function haveNoSidecar(pods: readonly KnownPods[]): boolean | undefined {
  return pods.length === 0 ? undefined : pods.every(({ hasSidecar }) => !hasSidecar);
}

/** The objects of the gateways that modules of the app install. */
export const gatewayObjects = perMesh((mesh): ReadonlySet<ApiObject> => {
  const gateways = mesh.controlPlanes.flatMap((plane) => [...(plane.gateways?.values() ?? [])]);
  return new Set(gateways.flatMap(({ apiObjects }) => apiObjects));
});

/** The namespaces of control planes and gateways. */
const infrastructure = perMesh(
  (mesh): ReadonlySet<string | undefined> =>
    new Set([
      ...mesh.controlPlanes.map(({ namespace }) => namespace),
      ...[...gatewayObjects(mesh)].map(({ metadata }) => metadata.namespace),
      ...knownPods(mesh).flatMap(({ awaitsImage, namespace }) => (awaitsImage ? [namespace] : [])),
    ]),
);
