import type { ApiObject } from 'cdk8s';
import { gatewayApiRoutes, isService, type RouteReference } from './gateway-api-routes';
import { namespaceOfHost } from '../host-matching';
import type { Mesh } from './mesh';
import { titleOf } from './mesh-object';
import { perMesh } from './per-mesh';
import { listAt } from './spec-fields';

/**
 * Routes of the Gateway API with a port of a parent or destination that the Service in the app does not have. Sidecars
 * never get requests for such a port of a parent, and answer 500 for such a destination.
 */
export function routedServiceProblems(mesh: Mesh): string[] {
  return references(mesh, (title, verb, reference, services) => {
    const { namespace, name, port } = reference;
    const service = services.get(`${namespace}/${name}`);
    const ports = service ? portsOf(service) : [];
    if (!service || port === undefined || ports.length === 0 || ports.includes(port)) return [];
    return [missingPort(`${title} ${verb}`, port, `${serviceTitle(service)}, which has ${ports.join(', ')}`)];
  });
}

/** Services that a route names and the app lacks, if the app has a Service with that name in another namespace. */
export function routedServiceWarnings(mesh: Mesh): string[] {
  return references(mesh, (title, verb, { namespace, name }, services) => {
    if (services.has(`${namespace}/${name}`) || namespace === '') return [];
    const elsewhere = [...services].filter(([key]) => key.endsWith(`/${name}`));
    if (elsewhere.length === 0) return [];
    const places = elsewhere.map(([key, { node }]) => `Service ${key} (${node.path})`).join(' or ');
    return [
      `${title} ${verb} Service '${namespace}/${name}', which is not in the app, but the app has ${places}: name its namespace, if that is the intended one`,
    ];
  });
}

type Check = (
  title: string,
  verb: string,
  reference: RouteReference,
  services: ReadonlyMap<string, ApiObject>,
) => string[];

/** Checks each Service that a route refers to against the Services of the app. */
function references(mesh: Mesh, check: Check): string[] {
  const routes = gatewayApiRoutes(mesh);
  if (routes.length === 0) return [];
  const services = servicesOf(mesh);
  const found = routes.flatMap(({ route, parents, backends }) => [
    ...parents.filter(isService).flatMap((parent) => check(titleOf(route), 'is for', parent, services)),
    ...backends.filter(isService).flatMap((backend) => check(titleOf(route), 'goes to', backend, services)),
  ]);
  return [...new Set(found)];
}

/** The Services of the app, by namespace and name. */
export const servicesOf = perMesh((mesh): ReadonlyMap<string, ApiObject> => {
  const services = mesh.objects.filter(({ kind, apiGroup }) => kind === 'Service' && apiGroup === 'core');
  return new Map(services.map((service) => [`${service.metadata.namespace ?? ''}/${service.name}`, service]));
});

/** The Service of the app that a full host names. */
export function serviceOf(mesh: Mesh, host: string): ApiObject | undefined {
  const namespace = namespaceOfHost(host);
  const [name = ''] = host.split('.');
  return namespace === undefined ? undefined : servicesOf(mesh).get(`${namespace}/${name}`);
}

/** A sentence about a reference to a port that its owner does not have; `owner` includes the ports that it has. */
export function missingPort(reference: string, port: number, owner: string): string {
  return `${reference} port ${String(port)} of ${owner}: write one of those, or add it there`;
}

/** The title of a Service in messages. */
export function serviceTitle({ name, metadata, node }: ApiObject): string {
  return `Service ${metadata.namespace ?? ''}/${name} (${node.path})`;
}

/** The numbers of a Service's ports; none for an ExternalName, which stands for another host. */
export function portsOf(service: ApiObject): number[] {
  const { spec = {} } = service.toJson() as { readonly spec?: Readonly<Record<string, unknown>> };
  if (spec.type === 'ExternalName') return [];
  return listAt(spec, 'ports').flatMap(({ port }) => (typeof port === 'number' ? [port] : []));
}
