import { GATEWAY_API, type GatewayApiKind } from '../gateway-api/gateway-api-group';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { fieldsAt, listAt, textAt } from './spec-fields';

type Fields = MeshObject['spec'];

/** Kinds of routes. */
export const ROUTE_KINDS = ['HTTPRoute', 'GRPCRoute', 'TLSRoute'] as const satisfies readonly GatewayApiKind[];

/** A reference of a route to a parent or to a backend. */
export interface RouteReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;

  /** Namespace of the reference; the namespace of the route if the reference has none. */
  readonly namespace: string;

  readonly port?: number;

  /** The listener of a Gateway. */
  readonly sectionName?: string;
}

/** A route of the Gateway API with its references. */
export interface GatewayApiRoute {
  readonly route: MeshObject;
  readonly parents: readonly RouteReference[];

  /** Backends of requests and of their copies. */
  readonly backends: readonly RouteReference[];
}

/** The Gateway API routes of a mesh. */
export function gatewayApiRoutes(mesh: Mesh): readonly GatewayApiRoute[] {
  return ROUTE_KINDS.flatMap((kind) => mesh.ofGatewayApi(kind)).map((route) => ({
    route,
    parents: listAt(route.spec, 'parentRefs').map((parent) => referenceOf(parent, route, GATEWAY_API, 'Gateway')),
    backends: listAt(route.spec, 'rules')
      .flatMap(backendsOf)
      .map((backend) => referenceOf(backend, route, '', 'Service')),
  }));
}

/** Whether a reference is to a Service. */
export function isService({ group, kind }: RouteReference): boolean {
  return (group === '' || group === 'core') && kind === 'Service';
}

/** Whether a reference is to a Gateway of the Gateway API. */
export function isGateway({ group, kind }: RouteReference): boolean {
  return group === GATEWAY_API && kind === 'Gateway';
}

function backendsOf(rule: Fields): readonly Fields[] {
  const mirrors = listAt(rule, 'filters').map((filter) => fieldsAt(fieldsAt(filter, 'requestMirror'), 'backendRef'));
  return [...listAt(rule, 'backendRefs'), ...mirrors.filter(({ name }) => name !== undefined)];
}

function referenceOf(fields: Fields, route: MeshObject, group: string, kind: string): RouteReference {
  const { port } = fields;
  return {
    group: textAt(fields, 'group') ?? group,
    kind: textAt(fields, 'kind') ?? kind,
    name: textAt(fields, 'name') ?? '',
    namespace: textAt(fields, 'namespace') ?? route.namespace,
    port: typeof port === 'number' ? port : undefined,
    sectionName: textAt(fields, 'sectionName'),
  };
}
