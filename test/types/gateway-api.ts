/** What the types of the Gateway API accept, and what they refuse; compiled by `npm run types`, and never run. */
import type { Chart } from 'cdk8s';
import { Service } from 'cdk8s-plus-27';
import {
  Destination,
  KubernetesGateway,
  ListenerTls,
  Match,
  RouteParent,
  type HTTPRouteRule,
  type Listener,
} from 'istio-module';

const to = [Destination.host()];
const tls = ListenerTls.simple({ certificate: 'shop' });

export const rules: readonly HTTPRouteRule[] = [
  { to, rewrite: { prefixRewrite: '/' }, retries: { attempts: 1, on: [503] } },
  { match: [Match.pathPrefix('/old')], redirect: { uri: '/new', code: 308 } },
  // @ts-expect-error -- a rule forwards or redirects
  { to, redirect: { uri: '/new' } },
  // @ts-expect-error -- a rewrite changes the whole path or its prefix
  { to, rewrite: { uri: '/new', prefixRewrite: '/' } },
  // @ts-expect-error -- a redirect forwards nothing
  { redirect: { uri: '/new' }, mirror: [] },
  // @ts-expect-error -- faults are Istio's own
  { to, fault: {} },
];

export const listeners: readonly Listener[] = [
  { name: 'http', port: 80, protocol: 'HTTP', hostname: 'a.example.com', allowedRoutes: { namespaces: { a: 'b' } } },
  { name: 'https', port: 443, protocol: 'HTTPS', tls },
  // @ts-expect-error -- HTTPS needs tls
  { name: 'https', port: 443, protocol: 'HTTPS' },
  // @ts-expect-error -- HTTP has no tls
  { name: 'http', port: 80, protocol: 'HTTP', tls },
  // @ts-expect-error -- TCP has no hostname
  { name: 'tcp', port: 80, protocol: 'TCP', hostname: 'a.example.com' },
];

export function parents(chart: Chart): readonly RouteParent[] {
  const gateway = new KubernetesGateway(chart, 'gateway', { namespace: 'shop', listeners });
  return [
    RouteParent.service(new Service(chart, 'web', { ports: [{ port: 80 }] }), { port: 80 }),
    RouteParent.gateway(gateway, { listener: 'http' }),
    RouteParent.gateway({ name: 'public', namespace: 'edge' }),
    // @ts-expect-error -- a Service has no listeners
    RouteParent.service('web', { listener: 'http' }),
  ];
}
