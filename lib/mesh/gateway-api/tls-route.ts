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
  /**
   * SNI hostnames to which the route applies, at least one: domain names in lower case, optionally with the prefix
   * `*.`.
   */
  readonly hostnames: readonly string[];

  /** Destinations of connections. If there are several, each needs a weight, up to 1,000,000. */
  readonly to: readonly Destination[];
}

/**
 * Routes TLS connections that no proxy on their path decrypts, by their SNI, with the Gateway API. At a Gateway, the
 * route's parents must be listeners with {@link ListenerTls.PASSTHROUGH}.
 *
 * The CustomResourceDefinitions are not part of Istio: install those of the Gateway API, version 1.5 or newer, which
 * has this kind in the standard channel. In older versions it is experimental. The kind needs Istio 1.30 or newer.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#tlsroute
 */
export class TLSRoute extends MeshConstruct {
  /** Name of the TLSRoute. */
  readonly name: string;

  /** Namespace of the TLSRoute. */
  readonly namespace: string;

  /** The raw TLSRoute. */
  readonly route: ApiObject;

  /**
   * @throws Error that lists all problems: invalid hostnames, subsets, destinations without a port, missing weights. At
   * synthesis, if a parent or destination in the app does not have the listener or port
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
