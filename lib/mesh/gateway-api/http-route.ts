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
   * The hosts that clients of a Gateway name: domain names in lower case, or `*.` and one. Sidecars ignore them.
   *
   * @default - all hosts of the listeners
   */
  readonly hostnames?: readonly string[];

  /** What is done with requests, 1 to 16 rules. The rule that matches more exactly takes a request, not the first. */
  readonly rules: readonly HTTPRouteRule[];
}

/**
 * Where the HTTP requests of a Service's clients, or of a Gateway's, go, and how, in the words of the Gateway API. Of its
 * subsets of pods it knows none: each version is a Service.
 *
 * The CustomResourceDefinitions come from the Gateway API, version 1.5 or newer, and not with Istio. Istio heeds the
 * object as long as PILOT_ENABLE_GATEWAY_API is not off.
 *
 * @see https://gateway-api.sigs.k8s.io/api-types/httproute/
 */
export class HTTPRoute extends MeshConstruct {
  /** Name of the HTTPRoute. */
  readonly name: string;

  /** Name of its namespace. */
  readonly namespace: string;

  /** The raw HTTPRoute. */
  readonly route: ApiObject;

  /**
   * @throws Error that lists all problems: conditions, subsets or origins that the Gateway API has no words for;
   * destinations without a port, weights without one above 0; rules that match the same; values out of range; on
   * synthesis, when a parent or destination of the app has no such listener or port
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
