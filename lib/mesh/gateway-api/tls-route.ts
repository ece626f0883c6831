import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { backendProblems, renderBackend } from './backend-reference';
import { throwProblems } from '../construct-error';
import { MeshConstruct } from '../mesh-construct';
import { routeObject, routeProblems, type RoutePropsBase } from './route';
import { namespaceName } from '../namespaces/namespace-reference';
import { routeHostnameProblems } from './route-hostnames';
import type { Destination } from '../traffic/destination';

/** Properties of {@link TLSRoute}. */
export interface TLSRouteProps extends RoutePropsBase {
  /** The names in the clients' SNI that the route is for, at least one: domain names in lower case, or `*.` and one. */
  readonly hostnames: readonly string[];

  /** Where connections go; with several destinations, each has a weight, up to 1,000,000. */
  readonly to: readonly Destination[];
}

/**
 * Where TLS connections go that nothing on their way decrypts, by their SNI, in the words of the Gateway API. At a Gateway,
 * its parents are listeners with {@link ListenerTls.PASSTHROUGH}.
 *
 * The CustomResourceDefinitions come from the Gateway API, and not with Istio: version 1.5 or newer, which has this kind in
 * the standard channel; in older ones it is experimental. It needs Istio 1.30 or newer.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#tlsroute
 */
export class TLSRoute extends MeshConstruct {
  /** Name of the TLSRoute. */
  readonly name: string;

  /** Name of its namespace. */
  readonly namespace: string;

  /** The raw TLSRoute. */
  readonly route: ApiObject;

  /**
   * @throws Error that lists all problems: hostnames that are none, subsets, destinations without a port, weights
   * without one above 0; on synthesis, when a parent or destination of the app has no such listener or port
   */
  constructor(scope: Construct, id: string, props: TLSRouteProps) {
    super(scope, id);
    const { parents, hostnames, to } = props;
    this.name = props.name ?? id;
    this.namespace = namespaceName(props.namespace);
    const surroundings = { namespace: this.namespace, parents };
    throwProblems(this, [
      ...routeProblems(this.name, this.namespace, parents),
      ...(hostnames.length === 0 ? ['hostnames is empty: name at least one'] : []),
      ...routeHostnameProblems(hostnames, 1024),
      ...(to.length === 0 ? ['to is empty: name at least one destination, such as Destination.otherHost(…)'] : []),
      ...backendProblems('to', to, surroundings, false),
    ]);
    this.route = routeObject(this, 'TLSRoute', {
      ...{ name: this.name, namespace: this.namespace, parents, hostnames },
      rules: [{ backendRefs: to.map((destination) => renderBackend(destination, surroundings)) }],
    });
  }
}
