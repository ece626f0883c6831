import type { Service } from 'cdk8s-plus-27';
import type { TcpRoute, TlsRoute } from './connection-route';
import type { DestinationPolicy } from './destination-policy';
import type { Fault } from './fault';
import type { GatewayReference } from './gateway-name';
import type { NamespaceReference } from '../namespaces/namespace-reference';
import type { ServiceEntry } from './service-entry';
import type { Subset } from './subset';
import type { TrafficRoute } from './traffic-route';
import type { Labels } from '../labels';

/** What every {@link TrafficPolicy} has. */
export interface TrafficPolicyPropsBase extends DestinationPolicy {
  /** The namespace of the policy, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /**
   * Groups of the host's pods by name: their labels, or a {@link Subset} with which clients deal in a way of its own.
   *
   * @default - none
   */
  readonly subsets?: Readonly<Record<string, Labels | Subset>>;

  /**
   * Where requests go; the first route that matches takes a request.
   *
   * @default - requests go to all pods of the host
   */
  readonly routes?: readonly TrafficRoute[];

  /**
   * Where TLS connections go that nothing on their way decrypts; the first route that matches takes a connection.
   *
   * @default - to all pods of the host
   */
  readonly tlsRoutes?: readonly TlsRoute[];

  /**
   * Where TCP connections go; the first route that matches takes a connection.
   *
   * @default - to all pods of the host
   */
  readonly tcpRoutes?: readonly TcpRoute[];

  /**
   * The gateways whose requests the routes are for, as the constructs or as `name` or `namespace/name`; `mesh` stands for
   * the sidecars of clients. A {@link Gateway} is checked to serve the hosts.
   *
   * @default ['mesh']
   */
  readonly gateways?: readonly GatewayReference[];

  /**
   * What goes wrong on purpose, in every route that forwards and has no fault of its own: a drill, which ends when the
   * prop is deleted.
   *
   * @default - nothing
   */
  readonly fault?: Fault;

  /**
   * Labels of the clients' pods, in the policy's namespace, for which the DestinationRule is: subsets, TLS and all that
   * is not routes.
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
   * What the policy is for: a cdk8s-plus Service, a ServiceEntry with one host, or a host. A host without dots is a
   * Service of the policy's namespace.
   */
  readonly host: string | Service | ServiceEntry;

  /**
   * The hosts that clients name, for which the routes are. With `'delegated'` there are none: the routes are for the
   * requests that a route of another policy delegates here.
   *
   * @default - the policy's host
   */
  readonly hosts?: readonly string[] | 'delegated';
}

/** Properties of a {@link TrafficPolicy} with routes alone, whose destinations each have a host of their own. */
export interface RoutesPolicyProps extends TrafficPolicyPropsBase {
  /**
   * The hosts that clients name, for which the routes are; or `'delegated'`, for the requests that a route of another
   * policy delegates here.
   */
  readonly hosts: readonly string[] | 'delegated';

  readonly host?: never;
}

/** Properties of {@link TrafficPolicy}. */
export type TrafficPolicyProps = HostPolicyProps | RoutesPolicyProps;
