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
   * Groups of the host's pods by name: their labels, or a {@link Subset} with its own settings for clients.
   *
   * @default - none
   */
  readonly subsets?: Readonly<Record<string, Labels | Subset>>;

  /**
   * Routes of requests. The first route that matches a request is used.
   *
   * @default - requests go to all pods of the host
   */
  readonly routes?: readonly TrafficRoute[];

  /**
   * Routes of TLS connections that nothing decrypts on their way. The first route that matches a connection is used.
   *
   * @default - to all pods of the host
   */
  readonly tlsRoutes?: readonly TlsRoute[];

  /**
   * Routes of TCP connections. The first route that matches a connection is used.
   *
   * @default - to all pods of the host
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
   * A fault for every route that forwards and has no fault itself. To end the drill, delete the prop.
   *
   * @default - nothing
   */
  readonly fault?: Fault;

  /**
   * Labels of client pods in the policy's namespace to which the DestinationRule applies: subsets, TLS and everything
   * except routes.
   *
   * @default - all clients that see it
   */
  readonly clients?: Readonly<Record<string, string>>;

  /**
   * The namespaces whose proxies see the objects: as constructs or by name, `'.'` for the policy's own; or `'*'` alone
   * for all.
   *
   * @default - the mesh's: all
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
   * What the policy is for: a Service as an object, a ServiceEntry with one host, or a host. A host without dots is a
   * Service of the policy's namespace.
   */
  readonly host: ServiceReference | ServiceEntry;

  /**
   * The hosts that clients name, or Services as objects, for which the routes are. With `'delegated'` there are none:
   * the routes are for the requests that a route of another policy delegates here.
   *
   * @default - the policy's host
   */
  readonly hosts?: readonly ServiceReference[] | 'delegated';
}

/** Properties of a {@link TrafficPolicy} with routes alone, whose destinations each have a host of their own. */
export interface RoutesPolicyProps extends TrafficPolicyPropsBase {
  /**
   * The hosts that clients name, or Services as objects, for which the routes are; or `'delegated'`, for the requests
   * that a route of another policy delegates here.
   */
  readonly hosts: readonly ServiceReference[] | 'delegated';

  readonly host?: never;
}

/** Properties of {@link TrafficPolicy}. */
export type TrafficPolicyProps = HostPolicyProps | RoutesPolicyProps;
