import { ApiObject } from 'cdk8s';
import type { Service } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { circuitBreakerProblems, ejects, renderCircuitBreaker, type CircuitBreaker } from './circuit-breaker';
import { connectionPoolProblems, renderConnectionPool, type ConnectionPool } from './connection-pool';
import { throwProblems } from '../construct-error';
import { Destination } from './destination';
import type { Fault } from './fault';
import { definedFields, fieldOf } from '../fields';
import { gatewayNameProblem, MESH_GATEWAY } from './gateway-name';
import { overlappingHostProblems } from './host-matching';
import { hostProblem } from '../host-name';
import { loadBalancingProblems, renderLoadBalancing, type LoadBalancing } from './load-balancing';
import { namespaceName, type NamespaceReference } from '../namespaces/mesh-namespace';
import { MeshOrder } from '../mesh-order';
import { labelNameProblem, objectNameProblem } from '../object-name';
import { routeProblems } from './route-problems';
import { renderRoute, type TrafficRoute } from './traffic-route';
import { labelProblems } from '../workload-selector';

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
   * The hosts that clients name, for which the routes are.
   *
   * @default - the policy's host
   */
  readonly hosts?: readonly string[];

  /**
   * The gateways whose requests the routes are for, as `name` or `namespace/name`; `mesh` stands for the sidecars of
   * clients.
   *
   * @default ['mesh']
   */
  readonly gateways?: readonly string[];

  /**
   * What goes wrong on purpose, in every route that forwards and has no fault of its own: a drill, which ends when the
   * prop is deleted.
   *
   * @default - nothing
   */
  readonly fault?: Fault;

  /**
   * When clients stop sending.
   *
   * @default - never
   */
  readonly circuitBreaker?: CircuitBreaker;

  /**
   * How clients keep connections to the host.
   *
   * @default - Istio's
   */
  readonly connectionPool?: ConnectionPool;

  /**
   * Which pod of the host gets a request.
   *
   * @default - Istio's: the one of two with fewer requests in flight, near the client if pods are ejected
   */
  readonly loadBalancing?: LoadBalancing;

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
  /** The raw VirtualService; there is none without routes and fault. */
  readonly virtualService?: ApiObject;

  /** The raw DestinationRule; there is none without subsets, circuit breaker, connection pool and load balancing. */
  readonly destinationRule?: ApiObject;

  /**
   * @throws Error listing all that is wrong: weights that do not add up to 100, subsets that are not defined, a per-try
   * timeout above the route's timeout, routes that are never reached, redirects that also forward, failover from pods
   * that are never ejected, values out of range
   */
  constructor(scope: Construct, id: string, props: TrafficPolicyProps) {
    super(scope, id);
    const { subsets = {}, circuitBreaker = {}, connectionPool = {}, loadBalancing = {}, fault } = props;
    const drilled = fault ? [{ to: [Destination.host()] }] : [];
    const routes = props.routes && props.routes.length > 0 ? props.routes : drilled;
    const metadata = { name: props.name ?? id, namespace: namespaceName(props.namespace) };
    const host = hostName(props.host, metadata.namespace);
    const { hosts = [host], gateways = [] } = props;
    const trafficPolicy = renderTrafficPolicy(props);
    throwProblems(this, [
      ...objectNameProblem(metadata.name),
      ...labelNameProblem('namespace', metadata.namespace),
      ...hostProblem('host', host),
      ...subsetProblems(subsets),
      ...(routes.length > 0 ? clientProblems(host, gateways, props.hosts) : routeless(props)),
      ...routeProblems(routes, { host, subsets: Object.keys(subsets), gateways }),
      ...(fault?.problems('fault') ?? []),
      ...circuitBreakerProblems(circuitBreaker),
      ...connectionPoolProblems(connectionPool),
      ...loadBalancingProblems(loadBalancing, ejects(circuitBreaker)),
      ...(routes.length + Object.keys(subsets).length + Object.keys(trafficPolicy).length > 0
        ? []
        : [`says nothing about host '${host}': set routes, subsets or circuitBreaker`]),
    ]);

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
        spec: {
          hosts,
          ...(gateways.length > 0 ? { gateways } : {}),
          http: routes.map((route) => renderRoute(route, host, fault)),
        },
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

function renderTrafficPolicy(props: TrafficPolicyProps): Record<string, unknown> {
  const { circuitBreaker = {}, connectionPool = {}, loadBalancing = {} } = props;
  const limits = renderCircuitBreaker(circuitBreaker);
  const pool = renderConnectionPool(connectionPool);
  return {
    ...fieldOf('loadBalancer', renderLoadBalancing(loadBalancing)),
    ...fieldOf('connectionPool', {
      ...fieldOf('tcp', { ...limits.tcp, ...pool.tcp }),
      ...fieldOf('http', { ...limits.http, ...pool.http }),
    }),
    ...fieldOf('outlierDetection', { ...limits.outlierDetection }),
  };
}

function clientProblems(own: string, gateways: readonly string[], hosts?: readonly string[]): string[] {
  const inMesh = gateways.length === 0 || gateways.includes(MESH_GATEWAY);
  const unknown = (hosts ?? []).flatMap((host) => hostProblem('hosts:', host));
  return [
    ...unknown,
    ...(unknown.length > 0 ? [] : overlappingHostProblems('hosts', hosts ?? [])),
    ...(hosts?.length === 0 ? ['hosts is empty: name at least one, or leave it out'] : []),
    ...gateways.flatMap((gateway) => gatewayNameProblem(gateway)),
    ...((hosts ?? [own]).includes('*') && inMesh
      ? [`host '*' is for gateways alone: set the prop gateways, without '${MESH_GATEWAY}', or write a host`]
      : []),
  ];
}

function routeless({ hosts, gateways }: TrafficPolicyProps): string[] {
  return Object.keys(definedFields({ hosts, gateways })).map(
    (prop) => `${prop} is for routes, of which there are none: set routes, or leave ${prop} out`,
  );
}

function subsetProblems(subsets: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  return Object.entries(subsets).flatMap(([name, labels]) => [
    ...labelNameProblem('subset', name),
    ...(Object.keys(labels).length > 0
      ? []
      : [`subset '${name}' selects by no label: name at least one, such as { version: '${name}' }`]),
    ...labelProblems(`subset '${name}'`, labels),
  ]);
}
