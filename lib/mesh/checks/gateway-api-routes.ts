import { GATEWAY_API, type GatewayApiKind } from '../gateway-api/gateway-api-group';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { fieldsAt, listAt, textAt } from './spec-fields';

type Fields = MeshObject['spec'];

/** Kinds of routes. */
export const ROUTE_KINDS = ['HTTPRoute', 'GRPCRoute', 'TLSRoute'] as const satisfies readonly GatewayApiKind[];

/** What a route refers to: a parent, or where requests go. */
export interface RouteReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;

  /** Its namespace; that of the route where the reference names none. */
  readonly namespace: string;

  readonly port?: number;

  /** The listener of a Gateway. */
  readonly sectionName?: string;
}

/** A route of the Gateway API with what it refers to. */
export interface GatewayApiRoute {
  readonly route: MeshObject;
  readonly parents: readonly RouteReference[];

  /** Where requests and copies of them go. */
  readonly backends: readonly RouteReference[];
}

/** The routes of a mesh by the Gateway API. */
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
