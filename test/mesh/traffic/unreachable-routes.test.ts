import { Destination, Match, TrafficPolicy, type TrafficPolicyProps } from 'istio-module';
import { covers } from '../../../lib/mesh/traffic/match-conditions';
import { emptyChart, named, synthesized } from '../synthesis';

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const TO = [Destination.subset('v1')];

function policy(props: Partial<TrafficPolicyProps>) {
  const chart = emptyChart();
  new TrafficPolicy(chart, 'reviews', { namespace: 'shop', host: 'reviews', subsets: SUBSETS, ...props });
  return synthesized(chart);
}

function http(props: Partial<TrafficPolicyProps>) {
  return named(policy(props), 'VirtualService/shop/reviews').spec?.http;
}

describe('a route that earlier ones cover', () => {
  const uri = Match.uri();
  const ignoring = Match.uriIgnoringCase();
  const get = Match.method().exact('GET');

  test.each<[string, Match, Match]>([
    ['a prefix of all', uri.prefix('/'), get],
    ['the same', uri.regex('/a|/b').and(get), uri.regex('/a|/b').and(get)],
    ['a shorter prefix', uri.prefix('/a'), uri.prefix('/a/b')],
    ['a prefix of what is exact', uri.prefix('/a'), uri.exact('/a/b').and(get)],
    ['a prefix in another case', ignoring.prefix('/A'), uri.exact('/a/b')],
    ['presence', Match.headerPresent('x'), Match.header('x').exact('1')],
    ['any value', Match.queryParam('q').regex('.*'), Match.queryParam('q').prefix('1')],
    ['fewer labels', Match.sourceLabels({ a: '1' }), Match.sourceLabels({ a: '1', b: '2' })],
    ['the same absence', Match.headerAbsent('x'), Match.headerAbsent('x').and(get)],
    [
      'the same port and namespace',
      Match.port(80).and(Match.sourceNamespace('a')),
      Match.port(80).and(Match.sourceNamespace('a')),
    ],
    ['more gateways', Match.gateways('mesh', 'public'), Match.gateways('public')],
  ])('is refused if an earlier route covers it by %s', (_, wide, narrow) => {
    const gateways = ['mesh', 'public'];
    expect(() =>
      policy({
        gateways,
        routes: [
          { match: [wide], to: TO },
          { match: [narrow], to: TO },
        ],
      }),
    ).toThrow(
      new Error(
        'TrafficPolicy mesh/reviews: routes[1] is never reached, because everything that it matches already goes to routes[0]: move it before routes[0], or match less there',
      ),
    );
  });

  test.each<[string, Match, Match]>([
    ['a longer prefix', uri.prefix('/a/b'), uri.prefix('/a')],
    ['one more condition', uri.prefix('/a').and(get), uri.prefix('/a')],
    ['what is exact', uri.exact('/a'), uri.prefix('/a')],
    ['a case that is exact', uri.prefix('/a'), ignoring.prefix('/a/b')],
    ['another regular expression', uri.regex('/a.*'), uri.exact('/ab')],
    ['two regular expressions', uri.regex('/a.*'), uri.regex('/ab.*')],
    ['another scheme', Match.scheme().exact('http'), Match.scheme().exact('https')],
    ['another host', Match.authority().exact('a'), Match.authority().exact('b')],
    ['another query parameter', Match.queryParam('p').exact('1'), Match.queryParam('q').exact('1')],
    ['another header', Match.headerPresent('x'), Match.headerPresent('y')],
    ['another absence', Match.headerAbsent('x'), Match.headerAbsent('y')],
    ['more labels', Match.sourceLabels({ a: '1', b: '2' }), Match.sourceLabels({ a: '1' })],
    ['another port', Match.port(80), Match.port(81)],
    ['another namespace', Match.sourceNamespace('a'), Match.sourceNamespace('b')],
    ['fewer gateways', Match.gateways('public'), Match.gateways('public', 'mesh')],
    ['one of the gateways', Match.gateways('public'), get],
  ])('only in part, by %s, stays', (_, wide, narrow) => {
    const gateways = ['mesh', 'public'];
    const routes = [{ match: [wide], to: TO }, { match: [narrow], to: TO }, { to: TO }];
    expect(http({ gateways, routes })).toHaveLength(3);
  });

  test('is refused if several earlier routes together cover it', () => {
    const routes = [
      { match: [uri.prefix('/a')], to: TO },
      { match: [uri.prefix('/b')], to: TO },
      { match: [uri.exact('/b/1'), uri.exact('/a/1')], to: TO },
    ];
    expect(() => policy({ routes })).toThrow(
      new Error(
        'TrafficPolicy mesh/reviews: routes[2] is never reached, because everything that it matches already goes to routes[0] and routes[1]: move it before routes[0], or match less there',
      ),
    );
  });
});

test('a match with gateways covers, and is covered, regardless of conditions that Istio then ignores', () => {
  const gateways = Match.gateways('mesh');
  const labels = Match.sourceLabels({ a: '1' });
  const namespace = Match.sourceNamespace('a');
  const isCovered = (wide: Match, narrow: Match) => covers(wide.conditions, narrow.conditions);
  expect(isCovered(gateways.and(labels).and(namespace), gateways)).toBe(true);
  expect(isCovered(labels, gateways.and(labels))).toBe(false);
  expect(isCovered(namespace, gateways.and(namespace))).toBe(false);
});
