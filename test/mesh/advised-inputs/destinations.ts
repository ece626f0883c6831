import { ApiObject, type Chart } from 'cdk8s';
import { Destination, Gateway, Match, TrafficPolicy, type HostPolicyProps, type RoutesPolicyProps } from 'istio-module';
import { advice, type AdvisedInput } from './advised-input';

const subsets = { v1: { version: 'v1' } };
const routes = [{ to: [Destination.subset('v1')] }];
const clients = { app: 'tester' };
const toReviews = [{ to: [Destination.otherHost('reviews', { subset: 'v1' })] }];

const gateway = (chart: Chart): Gateway => {
  new ApiObject(chart, 'pods', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'ingress', namespace: 'istio-system' },
    spec: { template: { metadata: { labels: { istio: 'ingress' } } } },
  });
  return new Gateway(chart, 'g', {
    namespace: 'edge',
    selector: { istio: 'ingress' },
    servers: [{ port: 80, protocol: 'HTTP', hosts: ['a.example.com'] }],
  });
};
/** A policy with subsets of a Service in the namespace `shop`. */
const policy = advice(
  ({ namespace = 'shop', ...props }: Partial<HostPolicyProps>) =>
    (chart) =>
      new TrafficPolicy(chart, 'one', {
        ...{ namespace, host: 'reviews.shop.svc.cluster.local', subsets, routes },
        ...props,
      }),
);
/** The same policy behind a gateway whose pods are in the namespace `istio-system`. */
const published = advice(
  ({ namespace = 'shop' }: Partial<HostPolicyProps>) =>
    (chart) =>
      new TrafficPolicy(chart, 'one', {
        ...{ namespace, host: 'reviews.shop.svc.cluster.local', hosts: ['a.example.com'], subsets, routes },
        gateways: [gateway(chart)],
      }),
);
/** Two policies: one with subsets, and one with routes to them. */
const parted = advice(
  ({ rule, route }: { rule?: Partial<HostPolicyProps>; route?: Partial<RoutesPolicyProps> }) =>
    (chart) => {
      new TrafficPolicy(chart, 'rule', { namespace: 'shop', host: 'reviews', subsets, ...rule });
      new TrafficPolicy(chart, 'route', { namespace: 'shop', hosts: ['reviews'], routes: toReviews, ...route });
    },
);
/** The same policies, with routes at a gateway whose pods are in the namespace `istio-system`. */
const partedAtGateway = advice((exportTo: string[]) => (chart) => {
  new TrafficPolicy(chart, 'rule', { namespace: 'shop', host: 'reviews', subsets, exportTo });
  new TrafficPolicy(chart, 'route', {
    ...{ namespace: 'shop', hosts: ['a.example.com'], gateways: [gateway(chart)], routes: toReviews },
  });
});
/** A policy with subsets, and one for many hosts in the namespace of clients, which may have one for the same host. */
const beside = advice((props: { readonly own?: string; readonly exportTo?: readonly string[] }) => (chart) => {
  const { own, exportTo } = props;
  new TrafficPolicy(chart, 'one', { namespace: 'shop', host: 'reviews', subsets, routes, exportTo });
  const circuitBreaker = { maxRequests: 1 };
  new TrafficPolicy(chart, 'many', { namespace: 'front', host: '*.shop.svc.cluster.local', circuitBreaker });
  if (own !== undefined) new TrafficPolicy(chart, 'own', { namespace: 'front', host: own, subsets });
});
/** A policy behind a gateway for a Service with two ports. */
const ported = advice((port: number | undefined) => (chart) => {
  new ApiObject(chart, 'web', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { ports: [{ port: 8080 }, { port: 9090 }] },
  });
  new TrafficPolicy(chart, 'one', {
    ...{ namespace: 'shop', host: 'web', hosts: ['a.example.com'], gateways: [gateway(chart)] },
    routes: [{ to: [Destination.host({ port })] }],
  });
});

/** Advice about destinations of which clients may lack the subset or the port. */
export const destinations: readonly AdvisedInput[] = [
  policy(
    'define the same subsets there in a DestinationRule without a workloadSelector, or match the labels of the existing workloadSelector as sourceLabels in each route to these subsets',
    { clients, exportTo: ['.'] },
    { exportTo: ['.'] },
    {
      ...{ clients, exportTo: ['.'] },
      routes: [{ match: [Match.sourceLabels(clients)], to: [Destination.subset('v1')] }],
    },
  ),
  policy(
    "leave out its workloadSelector, or export the VirtualService to 'shop' only",
    { clients, routes: [{ match: [Match.sourceLabels(clients)], to: [Destination.subset('v1')] }] },
    { routes: [{ match: [Match.sourceLabels(clients)], to: [Destination.subset('v1')] }] },
    { clients, exportTo: ['.'], routes: [{ match: [Match.sourceLabels(clients)], to: [Destination.subset('v1')] }] },
  ),
  policy(
    "put it into namespace 'shop', that of the host, or export the VirtualService to 'front' only",
    { namespace: 'front' },
    { namespace: 'shop' },
    { namespace: 'front', exportTo: ['front'] },
  ),
  beside(
    "add a DestinationRule for exactly this host with the same subsets to namespace 'front', or export the VirtualService only to other namespaces",
    {},
    { own: 'reviews.shop.svc.cluster.local' },
    { exportTo: ['.'] },
  ),
  published("put it into namespace 'shop', that of the host", { namespace: 'edge' }, { namespace: 'shop' }),
  parted(
    'give the VirtualService and the DestinationRule the same exportTo',
    { rule: { exportTo: ['.'] } },
    { rule: { exportTo: ['.'] }, route: { exportTo: ['.'] } },
    {},
  ),
  partedAtGateway("add 'istio-system' to its exportTo", ['.'], ['.', 'istio-system']),
  ported('write the port of the destination', undefined, 8080),
];
