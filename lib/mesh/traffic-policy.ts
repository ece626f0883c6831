import { ApiObject } from 'cdk8s';
import type { Service } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { circuitBreakerProblems, renderCircuitBreaker, type CircuitBreaker } from './circuit-breaker';
import { throwProblems } from './construct-error';
import { namespaceName, type NamespaceReference } from './mesh-namespace';
import { MeshOrder } from './mesh-order';
import { labelNameProblem, objectNameProblem } from './object-name';
import { renderRoute, routeProblems, type TrafficRoute } from './traffic-route';

/** Properties of {@link TrafficPolicy}. */
export interface TrafficPolicyProps {
  /** The namespace of the policy, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /**
   * What the policy is for: a cdk8s-plus Service, or a host. A host without dots is a Service of the policy's
   * namespace.
   */
  readonly host: string | Service;

  /**
   * Groups of the host's pods: their labels, by the group's name.
   *
   * @default - none
   */
  readonly subsets?: Readonly<Record<string, Readonly<Record<string, string>>>>;

  /**
   * Where requests go; the first route that matches takes a request.
   *
   * @default - no VirtualService: requests go to all pods of the host
   */
  readonly routes?: readonly TrafficRoute[];

  /**
   * When clients stop sending.
   *
   * @default - never
   */
  readonly circuitBreaker?: CircuitBreaker;

  /**
   * `metadata.name` of the objects.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * Where requests to a host go, and how clients deal with its failures: a VirtualService and a DestinationRule.
 *
 * The objects themselves are `virtualService` and `destinationRule`, the escape hatches to the raw objects.
 *
 * @see https://istio.io/latest/docs/concepts/traffic-management/
 */
export class TrafficPolicy extends Construct {
  /** The raw VirtualService; there is none without routes. */
  readonly virtualService?: ApiObject;

  /** The raw DestinationRule; there is none without subsets and circuit breaker. */
  readonly destinationRule?: ApiObject;

  /**
   * @throws Error listing all that is wrong: weights that do not add up to 100, subsets that are not defined, a per-try
   * timeout above the route's timeout, routes that are never reached, values out of range
   */
  constructor(scope: Construct, id: string, props: TrafficPolicyProps) {
    super(scope, id);
    const { subsets = {}, routes = [], circuitBreaker = {} } = props;
    const metadata = { name: props.name ?? id, namespace: namespaceName(props.namespace) };
    const host = hostName(props.host, metadata.namespace);
    throwProblems(this, [
      ...objectNameProblem(metadata.name),
      ...labelNameProblem('namespace', metadata.namespace),
      ...hostProblems(host),
      ...subsetProblems(subsets),
      ...routeProblems(routes, Object.keys(subsets)),
      ...circuitBreakerProblems(circuitBreaker),
      ...(routes.length + Object.keys(subsets).length + Object.keys(circuitBreaker).length > 0
        ? []
        : [`says nothing about host '${host}': set routes, subsets or circuitBreaker`]),
    ]);

    const trafficPolicy = renderCircuitBreaker(circuitBreaker);
    const named = Object.entries(subsets).map(([name, labels]) => ({ name, labels }));
    if (named.length > 0 || Object.keys(trafficPolicy).length > 0) {
      this.destinationRule = new ApiObject(this, 'destination-rule', {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata,
        spec: {
          host,
          ...(Object.keys(trafficPolicy).length > 0 ? { trafficPolicy } : {}),
          ...(named.length > 0 ? { subsets: named } : {}),
        },
      });
    }
    if (routes.length > 0) {
      this.virtualService = new ApiObject(this, 'virtual-service', {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata,
        spec: { hosts: [host], http: routes.map((route) => renderRoute(route, host)) },
      });
      // A route to a subset that no proxy knows yet answers 503.
      if (this.destinationRule) this.virtualService.addDependency(this.destinationRule);
    }
    MeshOrder.of(this).addObjects(this);
  }
}

function hostName(host: string | Service, namespace: string): string {
  if (typeof host === 'string') return host;
  const own = host.metadata.namespace;
  return own === undefined || own === namespace ? host.name : `${host.name}.${own}.svc.cluster.local`;
}

function hostProblems(host: string): string[] {
  return /^(\*|(\*\.)?[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?)$/.test(host)
    ? []
    : [`host '${host}' is not a host: write a Service's name or a domain name, without port`];
}

function subsetProblems(subsets: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  return Object.entries(subsets).flatMap(([name, labels]) => [
    ...labelNameProblem('subset', name),
    ...(Object.keys(labels).length > 0
      ? []
      : [`subset '${name}' selects by no label: name at least one, such as { version: '${name}' }`]),
  ]);
}
