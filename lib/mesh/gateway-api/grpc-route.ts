import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { backendProblems, backendWarnings, renderBackends, type BackendSurroundings } from './backend-reference';
import { throwProblems } from '../construct-error';
import { MeshConstruct } from '../mesh-construct';
import { definedFields } from '../fields';
import { headerFilterProblems, renderHeaderFilters } from './header-filters';
import type { HTTPRouteProps } from './http-route';
import { mirrorProblems, ruleListProblems } from './http-route-problems';
import { renderMirrors } from './http-route-rule';
import { namespaceName } from '../namespaces/namespace-reference';
import { routeObject, routeProblems, type RoutePropsBase } from './route';
import { routeHostnameProblems, routeHostnameWarnings } from './route-hostnames';
import { grpcMatchProblems, matchListProblems, renderGrpcMatch } from './route-match';
import type { Destination } from '../traffic/destination';
import type { ForwardingOptions, RouteBase } from '../traffic/traffic-route';
import { warn } from '../warnings';

/**
 * A rule of a {@link GRPCRoute}. Its matches are on methods ({@link Match.grpcMethod}) and headers; the most specific
 * matching rule gets a call, regardless of the order.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#grpcrouterule
 */
export interface GRPCRouteRule
  extends Pick<RouteBase, 'name' | 'match' | 'headers'>, Pick<ForwardingOptions, 'mirror'> {
  /** Destinations of calls. If there are several, each needs a weight, up to 1,000,000. */
  readonly to: readonly Destination[];
}

/** Properties of {@link GRPCRoute}. */
export interface GRPCRouteProps extends RoutePropsBase, Pick<HTTPRouteProps, 'hostnames'> {
  /** Rules for calls, 1 to 16. The most specific matching rule gets a call, not the first. */
  readonly rules: readonly GRPCRouteRule[];
}

/**
 * Routes the gRPC calls to a Service, or through a Gateway, with the Gateway API.
 *
 * The CustomResourceDefinitions are not part of Istio: install those of the Gateway API, version 1.5 or newer.
 *
 * @see https://gateway-api.sigs.k8s.io/api-types/grpcroute/
 */
export class GRPCRoute extends MeshConstruct {
  /** Name of the GRPCRoute. */
  readonly name: string;

  /** Namespace of the GRPCRoute. */
  readonly namespace: string;

  /** The raw GRPCRoute. */
  readonly route: ApiObject;

  /** @throws Error that lists all problems, as {@link HTTPRoute} does */
  constructor(scope: Construct, id: string, props: GRPCRouteProps) {
    super(scope, id);
    const { parents, hostnames = [], rules } = props;
    this.name = props.name ?? id;
    this.namespace = namespaceName(props.namespace);
    const surroundings = { namespace: this.namespace, parents };
    throwProblems(this, [
      ...routeProblems(this.name, this.namespace, parents),
      ...routeHostnameProblems(hostnames, 16),
      ...ruleListProblems(rules),
      ...matchListProblems(rules, grpcMatchProblems, renderGrpcMatch),
      ...rules.flatMap((rule, index) => ruleProblems(`rules[${String(index)}]`, rule, surroundings)),
    ]);
    this.route = routeObject(this, 'GRPCRoute', {
      ...{ name: this.name, namespace: this.namespace, parents, hostnames },
      rules: rules.map((rule) => renderRule(rule, surroundings)),
    });
    warn(this, ...routeHostnameWarnings(hostnames, parents), ...backendWarnings(rules));
  }
}

function renderRule(rule: GRPCRouteRule, surroundings: BackendSurroundings): Readonly<Record<string, unknown>> {
  const { name, match = [], headers = {}, to } = rule;
  const filters = [...renderHeaderFilters(headers), ...renderMirrors(rule, surroundings)];
  return definedFields({
    name,
    matches: match.length > 0 ? match.map(renderGrpcMatch) : undefined,
    filters: filters.length > 0 ? filters : undefined,
    backendRefs: renderBackends(to, surroundings),
  });
}

function ruleProblems(at: string, rule: GRPCRouteRule, surroundings: BackendSurroundings): string[] {
  const { headers, to } = rule;
  return [
    ...(headers ? headerFilterProblems(`${at}.headers`, headers) : []),
    ...backendProblems(`${at}.to`, to, surroundings),
    ...mirrorProblems(`${at}.mirror`, rule, surroundings),
  ];
}
