import type { Construct } from 'constructs';
import { definedFields } from '../fields';
import type { IstioObject } from '../istio-object';
import type { NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem, objectNameProblem } from '../object-name';
import type { GatewayApiKind } from './gateway-api-group';
import { gatewayApiObject } from './gateway-api-object';
import { parentProblems, type RouteParent } from './route-parent';

/** Properties that every route of the Gateway API has. */
export interface RoutePropsBase {
  /**
   * The namespace of the route, as the construct or by name. In the namespace of its parent Service, a route applies to
   * all clients in the mesh. In another namespace, it applies to the clients in that namespace and overrides the routes
   * in the Service's namespace.
   */
  readonly namespace: NamespaceReference;

  /** Parents of the route: the Services and Gateways whose requests it routes. */
  readonly parents: readonly RouteParent[];

  /**
   * `metadata.name` of the object.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/** The problems with the props that every route has, one sentence each. */
export function routeProblems(name: string, namespace: string, parents: readonly RouteParent[]): string[] {
  return [
    ...objectNameProblem(name),
    ...labelNameProblem('namespace', namespace),
    ...parentProblems(parents, namespace),
  ];
}

/** The parts of a route of any kind. */
export interface RouteParts {
  readonly name: string;
  readonly namespace: string;
  readonly parents: readonly RouteParent[];
  readonly hostnames: readonly string[];
  /** Rules in the format of the object. */
  readonly rules: readonly object[];
}

/** The raw object of a route. */
export function routeObject(construct: Construct, kind: GatewayApiKind, parts: RouteParts): IstioObject {
  const { name, namespace, parents, hostnames, rules } = parts;
  return gatewayApiObject(
    construct,
    kind,
    { name, namespace },
    definedFields({
      parentRefs: parents.map((parent) => parent.render(namespace)),
      hostnames: hostnames.length > 0 ? hostnames : undefined,
      rules,
    }),
  );
}
