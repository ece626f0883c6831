import { gatewayApiRoutes, isGateway, type RouteReference } from './gateway-api-routes';
import { hostsOverlap } from '../host-matching';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { fieldsAt, listAt, textAt, textsAt } from './spec-fields';

type Listener = MeshObject['spec'];

/** A reason why a listener does not accept a route: a test, and the text of the message. */
interface Obstacle {
  readonly lets: (listener: Listener) => boolean;
  readonly says: (gateway: MeshObject, listeners: readonly Listener[]) => string;
}

/** Routes of the Gateway API that no listener of the app's Gateway accepts. */
export function gatewayParentProblems(mesh: Mesh): string[] {
  const gateways = gatewaysOf(mesh);
  return gatewayApiRoutes(mesh).flatMap(({ route, parents }) =>
    parents.filter(isGateway).flatMap((parent) => {
      const gateway = gateways.get(`${parent.namespace}/${parent.name}`);
      return gateway ? refusals(route, parent, gateway) : [];
    }),
  );
}

/** Gateways that a route names and the app lacks, if the app has a Gateway with that name in another namespace. */
export function gatewayParentWarnings(mesh: Mesh): string[] {
  const gateways = gatewaysOf(mesh);
  return gatewayApiRoutes(mesh).flatMap(({ route, parents }) =>
    parents.filter(isGateway).flatMap(({ namespace, name }) => {
      if (gateways.has(`${namespace}/${name}`) || namespace === '') return [];
      const others = [...gateways.values()].filter((gateway) => gateway.name === name);
      return others.length === 0
        ? []
        : [
            `${titleOf(route)} has Gateway '${namespace}/${name}' as its parent, which is not in the app, but the app has ${others.map(titleOf).join(' or ')}: name its namespace, if that is the intended one`,
          ];
    }),
  );
}

function gatewaysOf(mesh: Mesh): ReadonlyMap<string, MeshObject> {
  return new Map(mesh.ofGatewayApi('Gateway').map((gateway) => [`${gateway.namespace}/${gateway.name}`, gateway]));
}

function refusals(route: MeshObject, parent: RouteReference, gateway: MeshObject): string[] {
  let listeners = listAt(gateway.spec, 'listeners');
  if (listeners.length === 0) return [];
  for (const { lets, says } of obstaclesOf(route, parent, gateway)) {
    const left = listeners.filter(lets);
    if (left.length === 0) return [`${titleOf(route)} ${says(gateway, listeners)}`];
    listeners = left;
  }
  return [];
}

/** The possible reasons why a listener does not accept a route, in the order in which a person would check them. */
function obstaclesOf(route: MeshObject, parent: RouteReference, gateway: MeshObject): readonly Obstacle[] {
  const { sectionName, port } = parent;
  const hostnames = textsAt(route.spec, 'hostnames');
  return [
    {
      lets: ({ name }) => sectionName === undefined || name === sectionName,
      says: (of, listeners) =>
        `names listener '${sectionName ?? ''}' of ${titleOf(of)}, which has ${names(listeners)}: write one of those, or add it there`,
    },
    {
      lets: (listener) => port === undefined || listener.port === port,
      says: (of, listeners) =>
        `names port ${String(port)} of ${titleOf(of)}, whose listeners have ${[...new Set(listeners.map((one) => String(one.port)))].join(', ')}: write one of those, or add a listener there`,
    },
    {
      lets: (listener) => kindsOf(listener)?.includes(route.kind) ?? true,
      says: (of, listeners) =>
        `is of a kind that no listener of ${titleOf(of)} accepts (${names(listeners)}): add a listener that does, or allow it there`,
    },
    {
      lets: (listener) =>
        [gateway.namespace, ''].includes(route.namespace) || gateway.namespace === '' || fromOf(listener) !== 'Same',
      says: (of, listeners) =>
        `is in namespace '${route.namespace}', but the listeners ${names(listeners)} of ${titleOf(of)} only accept routes in '${of.namespace}': allow other namespaces in their allowedRoutes, or move the route`,
    },
    {
      lets: (listener) => {
        const own = textAt(listener, 'hostname');
        return own === undefined || hostnames.length === 0 || hostnames.some((one) => hostsOverlap(one, own));
      },
      says: (of, listeners) =>
        `is for '${hostnames.join("', '")}', but the listeners of ${titleOf(of)} only accept '${listeners.map((one) => textAt(one, 'hostname') ?? '').join("', '")}': add a host there, or write one of those`,
    },
  ];
}

function names(listeners: readonly Listener[]): string {
  return listeners.map((listener) => `'${textAt(listener, 'name') ?? ''}'`).join(', ');
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TLS: ['TLSRoute', 'TCPRoute'],
  TCP: ['TCPRoute'],
};

/** The kinds of routes that a listener accepts; undefined for an unknown protocol. */
function kindsOf(listener: Listener): readonly string[] | undefined {
  const known = KINDS[textAt(listener, 'protocol') ?? ''];
  const allowed = listAt(fieldsAt(listener, 'allowedRoutes'), 'kinds').map(({ kind }) => kind);
  return known?.filter((kind) => allowed.length === 0 || allowed.includes(kind));
}

function fromOf(listener: Listener): string {
  return textAt(fieldsAt(fieldsAt(listener, 'allowedRoutes'), 'namespaces'), 'from') ?? 'Same';
}
