import type { ApiObject } from 'cdk8s';
import { knownPods, podsWith, type KnownPods } from './known-pods';
import type { Mesh } from './mesh';
import { servicesOf } from './routed-services';
import { fieldsAt } from './spec-fields';

/**
 * Whether the pods behind a host in a namespace have no sidecar, as far as the app contains them; for a wildcard,
 * whether the namespace is that of a control plane or gateway. A gateway has a proxy, but no sidecar.
 */
export function isWithoutSidecars(mesh: Mesh, host: string, namespace: string): boolean {
  if (host.startsWith('*')) return isForInfrastructure(mesh, namespace);
  const [name = ''] = host.split('.');
  const service = servicesOf(mesh).get(`${namespace}/${name}`);
  if (!service) return false;
  if (gatewayObjects(mesh).has(service)) return true;
  const { spec = {} } = service.toJson() as { readonly spec?: Readonly<Record<string, unknown>> };
  const pods = podsWith(mesh, fieldsAt(spec, 'selector')).filter((one) => one.namespace === namespace);
  return pods.length > 0 && pods.every(hasNoSidecar);
}

/** The objects of the gateways that modules of the app install. */
export function gatewayObjects(mesh: Mesh): ReadonlySet<ApiObject> {
  const gateways = mesh.controlPlanes.flatMap((plane) => [...(plane.gateways?.values() ?? [])]);
  return new Set(gateways.flatMap(({ apiObjects }) => apiObjects));
}

function isForInfrastructure(mesh: Mesh, name: string): boolean {
  return (
    mesh.controlPlanes.some(({ namespace }) => namespace === name) ||
    [...gatewayObjects(mesh)].some(({ metadata: { namespace } }) => namespace === name) ||
    knownPods(mesh).some(({ awaitsImage, namespace }) => awaitsImage && namespace === name)
  );
}

function hasNoSidecar({ awaitsImage, labels }: KnownPods): boolean {
  return awaitsImage || labels['sidecar.istio.io/inject'] === 'false';
}
