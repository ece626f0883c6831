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
const refused = (at: string) =>
  `TrafficPolicy mesh/reviews: ${at} leads to subsets of the policy, which only exist for pods with the labels of clients in namespace 'shop', so requests from other pods fail: leave clients out, or add the same sourceLabels to each match of the route`;

describe('a route to subsets that only some clients have', () => {
  test.each<[string, Partial<TrafficPolicyProps>, string]>([
    ['all requests', { routes: Routes.canary({ stable: 'v1', canary: 'v2', percent: 10 }) }, 'routes[0]'],
    ['some of the labels', { routes: [{ match: [Match.sourceLabels({ app: 'tester' })], to }] }, 'routes[0]'],
    ['the labels in one of its matches', { routes: [{ match: [tester, Match.port(80)], to }] }, 'routes[0]'],
    [
      'the labels in another namespace',
      { routes: [{ match: [tester.and(Match.sourceNamespace('front'))], to }] },
      'routes[0]',
    ],
    [
      'all requests, of which it mirrors some',
      {
        routes: [
          { match: [tester], to },
          { to: [Destination.host()], mirror: Mirror.to('v2') },
        ],
      },
      'routes[1]',
    ],
    ['all connections', { tcpRoutes: [{ to }] }, 'tcpRoutes[0]'],
    ['all TLS connections', { tlsRoutes: [{ match: [{ sniHosts: ['reviews'] }], to }] }, 'tlsRoutes[0]'],
    ['requests in sidecars and at a gateway', { gateways: ['mesh', 'public'], routes: [{ to }] }, 'routes[0]'],
  ])('is refused if it matches %s', (_, props, at) => {
    expect(said(props)).toEqual([refused(at)]);
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
