import type { ApiObject } from 'cdk8s';
import { backendWarnings } from './backend-reference';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { MeshConstruct } from '../mesh-construct';
import { httpRuleProblems } from './http-route-problems';
import { renderHttpRule, type HTTPRouteRule } from './http-route-rule';
import { namespaceName } from '../namespaces/namespace-reference';
import { routeObject, routeProblems, type RoutePropsBase } from './route';
import { routeHostnameProblems, routeHostnameWarnings } from './route-hostnames';
import { warn } from '../warnings';

/** Properties of {@link HTTPRoute}. */
export interface HTTPRouteProps extends RoutePropsBase {
  /**
   * The hosts that clients of a Gateway request: domain names in lower case, optionally with the prefix `*.`. Sidecars
   * ignore them.
   *
   * @default - all hosts of the listeners
   */
  readonly hostnames?: readonly string[];

  /** Rules for requests, 1 to 16. The most specific matching rule gets a request, not the first. */
  readonly rules: readonly HTTPRouteRule[];
}

/**
 * Routes the HTTP requests to a Service, or through a Gateway, with the Gateway API. The Gateway API has no subsets:
 * each version needs its own Service.
 *
 * The CustomResourceDefinitions are not part of Istio: install those of the Gateway API, version 1.5 or newer. Istio
 * reads the object unless PILOT_ENABLE_GATEWAY_API is disabled.
 *
 * @see https://gateway-api.sigs.k8s.io/api-types/httproute/
 */
export class HTTPRoute extends MeshConstruct {
  /** Name of the HTTPRoute. */
  readonly name: string;

  /** Namespace of the HTTPRoute. */
  readonly namespace: string;

  /** The raw HTTPRoute. */
  readonly route: ApiObject;

  /**
   * @throws Error that lists all problems: conditions, subsets or origins that the Gateway API does not support;
   * destinations without a port; missing weights; rules that match the same requests; values out of range. At
   * synthesis, if a parent or destination in the app does not have the listener or port
   */
  constructor(scope: Construct, id: string, props: HTTPRouteProps) {
    super(scope, id);
    const { parents, hostnames = [], rules } = props;
    this.name = props.name ?? id;
    this.namespace = namespaceName(props.namespace);
    const surroundings = { namespace: this.namespace, parents };
    throwProblems(this, [
      ...routeProblems(this.name, this.namespace, parents),
      ...routeHostnameProblems(hostnames, 16),
      ...httpRuleProblems(rules, surroundings),
    ]);
    this.route = routeObject(this, 'HTTPRoute', {
      ...{ name: this.name, namespace: this.namespace, parents, hostnames },
      rules: rules.map((rule) => renderHttpRule(rule, surroundings)),
    });
    warn(this, ...routeHostnameWarnings(hostnames, parents), ...backendWarnings(rules));
  }
}
