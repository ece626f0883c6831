import type { Service } from 'cdk8s-plus-27';
import type { CircuitBreaker } from './circuit-breaker';
import type { ClientTls } from './client-tls';
import type { ConnectionPool } from './connection-pool';
import type { TcpRoute, TlsRoute } from './connection-route';
import type { Fault } from './fault';
import type { GatewayReference } from './gateway-name';
import type { LoadBalancing } from './load-balancing';
import type { NamespaceReference } from '../namespaces/namespace-reference';
import type { ServiceEntry } from './service-entry';
import type { TrafficRoute } from './traffic-route';

/** Properties of {@link TrafficPolicy}. */
export interface TrafficPolicyProps {
  /** The namespace of the policy, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /**
   * What the policy is for: a cdk8s-plus Service, a ServiceEntry with one host, or a host. A host without dots is a
   * Service of the policy's namespace.
   */
  readonly host: string | Service | ServiceEntry;

  /**
   * Groups of the host's pods: their labels, by the group's name.
   *
   * @default - none
   */
  readonly subsets?: Readonly<Record<string, Readonly<Record<string, string>>>>;

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
   * The hosts that clients name, for which the routes are. With `'delegated'` there are none: the routes are for the
   * requests that a route of another policy delegates here.
   *
   * @default - the policy's host
   */
  readonly hosts?: readonly string[] | 'delegated';

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
   * What TLS clients speak with the host: TLS origination, for hosts outside the mesh.
   *
   * @default - Istio's: that of the mesh where the host has a sidecar, and what the application speaks elsewhere
   */
  readonly clientTls?: ClientTls;

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
