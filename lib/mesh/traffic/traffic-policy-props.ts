import type { TcpRoute, TlsRoute } from './connection-route';
import type { DestinationPolicy } from './destination-policy';
import type { Fault } from './fault';
import type { GatewayReference } from './gateway-name';
import type { NamespaceReference } from '../namespaces/namespace-reference';
import type { ServiceReference } from '../namespaces/service-reference';
import type { ServiceEntry } from './service-entry';
import type { Subset } from './subset';
import type { TrafficRoute } from './traffic-route';
import type { Labels } from '../labels';

/** Properties that every {@link TrafficPolicy} has. */
export interface TrafficPolicyPropsBase extends DestinationPolicy {
  /** The namespace of the policy, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /**
   * Subsets of the host's pods by name: their labels, or a {@link Subset} with its own settings for clients.
   *
   * @default - none
   */
  readonly subsets?: Readonly<Record<string, Labels | Subset>>;

  /**
   * Routes for requests. The first route that matches a request is used.
   *
   * @default - requests go to all pods of the host
   */
  readonly routes?: readonly TrafficRoute[];

  /**
   * Routes for TLS connections that no proxy on their path decrypts. The first route that matches a connection is used.
   *
   * @default - connections go to all pods of the host
   */
  readonly tlsRoutes?: readonly TlsRoute[];

  /**
   * Routes for TCP connections. The first route that matches a connection is used.
   *
   * @default - connections go to all pods of the host
   */
  readonly tcpRoutes?: readonly TcpRoute[];

  /**
   * The gateways to which the routes apply, as constructs, or as `name` or `namespace/name`; `mesh` means the sidecars
   * of clients. Synthesis checks that a {@link Gateway} serves the hosts.
   *
   * @default ['mesh']
   */
  readonly gateways?: readonly GatewayReference[];

  /**
   * Fault to inject into every forwarding or delegating route without a fault of its own.
   *
   * @default - none
   */
  readonly fault?: Fault;

  /**
   * Labels of the client pods in the policy's namespace to which the DestinationRule applies. The DestinationRule
   * contains all settings of the policy except routes. Only these clients know the policy's subsets. If other pods call
   * the host as well, routes to subsets must match the same `sourceLabels`.
   *
   * @default - all clients to which it is exported
   */
  readonly clients?: Readonly<Record<string, string>>;

  /**
   * The namespaces to which the objects are exported, as constructs or by name; `'.'` is the policy's own namespace.
   * `'*'` (all) must be the only item. A gateway in `gateways` has the routes only if they are exported to the
   * namespace of its pods.
   *
   * @default - the setting of the mesh, which is all namespaces unless it is changed
   */
  readonly exportTo?: readonly NamespaceReference[];

  /**
   * `metadata.name` of the objects.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/** Properties of a {@link TrafficPolicy} for one host. */
export interface HostPolicyProps extends TrafficPolicyPropsBase {
  /**
   * The host to which the policy applies: a Service as an object, a ServiceEntry with one host, or a host name. A name
   * without dots is a Service in the policy's namespace.
   */
  readonly host: ServiceReference | ServiceEntry;

  /**
   * The hosts that clients request and to which the routes apply, as names or as Services. With `'delegated'`, the
   * routes apply to the requests that another policy delegates to this one.
   *
   * @default - the policy's host
   */
  readonly hosts?: readonly ServiceReference[] | 'delegated';
}

/** Properties of a {@link TrafficPolicy} that contains only routes. Each destination has its own host. */
export interface RoutesPolicyProps extends TrafficPolicyPropsBase {
  /**
   * The hosts that clients request and to which the routes apply, as names or as Services; or `'delegated'` for the
   * requests that another policy delegates to this one.
   */
  readonly hosts: readonly ServiceReference[] | 'delegated';

  readonly host?: never;
}

/** Properties of {@link TrafficPolicy}. */
export type TrafficPolicyProps = HostPolicyProps | RoutesPolicyProps;
