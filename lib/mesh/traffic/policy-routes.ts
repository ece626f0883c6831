import type { TcpRoute, TlsRoute } from './connection-route';
import { Destination } from './destination';
import { hostOf } from '../namespaces/service-reference';
import type { TrafficPolicyProps } from './traffic-policy-props';
import type { TrafficRoute } from './traffic-route';

/** A policy's routes, and the hosts to which they apply. */
export interface PolicyRoutes {
  /** The policy's own host; empty if it has none. */
  readonly host: string;
  readonly namespace: string;

  /** The hosts that clients request; none if other policies delegate to the routes. */
  readonly hosts: readonly string[];
  readonly routes: readonly TrafficRoute[];
  readonly tlsRoutes: readonly TlsRoute[];
  readonly tcpRoutes: readonly TcpRoute[];
}

/** The routes of a policy for a host. */
export function policyRoutes(host: string, namespace: string, props: TrafficPolicyProps): PolicyRoutes {
  const { routes = [], tlsRoutes = [], tcpRoutes = [], hosts = host === '' ? [] : [host] } = props;
  // A fault is part of a route, so a policy with a fault needs a route.
  const drilled = props.fault ? [{ to: [Destination.host()] }] : [];
  return {
    host,
    namespace,
    hosts: hosts === 'delegated' ? [] : hosts.map((one) => hostOf(one, namespace)),
    routes: routes.length > 0 ? routes : drilled,
    tlsRoutes,
    tcpRoutes,
  };
}
