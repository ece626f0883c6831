import { Destination, Match, Mirror, Routes, TrafficPolicy, type TrafficPolicyProps } from 'istio-module';
import { saidOf } from '../said-of';

const LABELS = { app: 'tester', tier: 'edge' };
const tester = Match.sourceLabels(LABELS);
const to = [Destination.subset('v1')];

/** What is said of a policy whose DestinationRule is for some clients only. */
const said = (props: Partial<TrafficPolicyProps>) =>
  saidOf(
    (chart) =>
      new TrafficPolicy(chart, 'reviews', {
        namespace: 'shop',
        host: 'reviews',
        clients: LABELS,
        exportTo: ['.'],
        subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
        ...props,
      }),
  );
const lacking = (subsets: string) =>
  `warning: VirtualService shop/reviews (mesh/reviews/virtual-service) names ${subsets} of host 'reviews.shop.svc.cluster.local', but DestinationRule shop/reviews (mesh/reviews/destination-rule) does not apply to`;

describe('a route to subsets that only some clients have', () => {
  test.each<[string, Partial<TrafficPolicyProps>, string]>([
    ['all requests', { routes: Routes.canary({ stable: 'v1', canary: 'v2', percent: 10 }) }, "subsets 'v1', 'v2'"],
    ['some of the labels', { routes: [{ match: [Match.sourceLabels({ app: 'tester' })], to }] }, "subset 'v1'"],
    ['the labels in one of its matches', { routes: [{ match: [tester, Match.port(80)], to }] }, "subset 'v1'"],
    [
      'all requests, of which it mirrors some',
      {
        routes: [
          { match: [tester], to },
          { to: [Destination.host()], mirror: Mirror.to('v2') },
        ],
      },
      "subset 'v2'",
    ],
    ['all connections', { tcpRoutes: [{ to }] }, "subset 'v1'"],
    ['all TLS connections', { tlsRoutes: [{ match: [{ sniHosts: ['reviews'] }], to }] }, "subset 'v1'"],
    ['requests in sidecars and at a gateway', { gateways: ['mesh', 'public'], routes: [{ to }] }, "subset 'v1'"],
  ])('is a warning if it matches %s, because other pods may not call the host', (_, props, subsets) => {
    expect(said(props)).toEqual([
      `${lacking(subsets)} other clients in namespace 'shop': define the same subsets there in a DestinationRule without a workloadSelector, or match the labels of the existing workloadSelector as sourceLabels in each route to these subsets`,
    ]);
  });

  test('is a warning if it matches the labels in another namespace', () => {
    const routes = [{ match: [tester.and(Match.sourceNamespace('front'))], to }];
    expect(said({ exportTo: undefined, routes })).toEqual([
      `${lacking("subset 'v1'")} clients in namespace 'front': leave out its workloadSelector, or export the VirtualService to 'shop' only`,
    ]);
  });

  test.each<[string, Partial<TrafficPolicyProps>]>([
    ['it matches their labels', { routes: [{ match: [tester, tester.and(Match.port(80))], to }] }],
    ['it matches more labels', { tcpRoutes: [{ match: [{ sourceLabels: { ...LABELS, a: 'b' } }], to }] }],
    [
      'it matches their labels and namespace',
      { exportTo: undefined, routes: [{ match: [tester.and(Match.sourceNamespace('shop'))], to }] },
    ],
    ['other clients go to all pods', { routes: [{ match: [tester], to }, { to: [Destination.host()] }] }],
    ['it only applies at a gateway, which may have the labels', { gateways: ['public'], routes: [{ to }] }],
    [
      'it only matches requests through a gateway',
      {
        gateways: ['mesh', 'public'],
        routes: [{ match: [Match.gateways('public')], to }, { to: [Destination.host()] }],
      },
    ],
    ['another policy delegates to it', { hosts: 'delegated', routes: [{ to }] }],
    ['it leads to subsets of another host', { routes: [{ to: [Destination.otherHost('ratings', { subset: 'v1' })] }] }],
  ])('is fine if %s', (_, props) => {
    expect(said(props)).toEqual([]);
  });
});
