import type { GraphNode } from '../../../lib/cli/graph/graph-model';
import { trafficGraph, type TrafficGraphOptions } from '../../../lib/cli/graph/traffic-graph';
import type { TrafficSource } from '../../../lib/cli/graph/traffic-objects';
import { core, deployment, edgesOf, istio, nodeOf, REVIEWS, to, virtualService, WHOLE_CLUSTER } from './istio-objects';

describe('trafficGraph, where objects name each other', () => {
  describe('delegates', () => {
    const root = virtualService('web', {
      http: [{ match: [{ uri: { prefix: '/cart' } }], delegate: { name: 'cart', namespace: 'team' } }],
    });
    const cart = (spec: object) => istio('VirtualService', 'cart', spec, 'team');

    test('lead on', () => {
      expect(edgesOf([root, cart({ http: [{ route: [to('cart')] }] })])).toEqual([
        'mesh -> host:shop/web, entry',
        'host:shop/web -> delegate:team/cart, delegate, path starts with /cart',
        'delegate:team/cart -> service:cart.team.svc.cluster.local',
      ]);
    });

    test.each<[string, TrafficSource[], TrafficGraphOptions | undefined, Partial<GraphNode>]>([
      [
        'that are not given',
        [],
        undefined,
        { details: ['VirtualService without hosts', 'its VirtualService is not among these manifests'] },
      ],
      ['that are not there', [], WHOLE_CLUSTER, { problem: 'this VirtualService does not exist' }],
      [
        'that have hosts',
        [cart({ hosts: ['cart'], http: [] })],
        undefined,
        { problem: 'has hosts, so no VirtualService can delegate to it' },
      ],
    ])('%s', (_, others, options, expected) => {
      const node = nodeOf(trafficGraph([root, ...others], options), 'delegate:team/cart');
      expect(node).toMatchObject({ kind: 'delegate', ...expected });
      expect(node?.problem).toBe(expected.problem);
    });

    test('that nothing delegates to', () => {
      expect(nodeOf(trafficGraph([cart({ http: [] })]), 'delegate:team/cart')?.details).toEqual([
        'VirtualService without hosts',
        'no route leads here',
      ]);
    });
  });

  describe('gateways', () => {
    const web = virtualService('web', {
      hosts: ['web.example.com'],
      gateways: ['public'],
      http: [{ route: [to('a')] }],
    });
    const gateway = (spec: object) => istio('Gateway', 'public', spec);
    const server = (...hosts: string[]) => ({
      port: { number: 443, protocol: 'HTTPS' },
      hosts,
      tls: { mode: 'SIMPLE' },
    });

    test.each<[string[], string | undefined]>([
      [['web.example.com'], undefined],
      [['*.example.com'], undefined],
      [['*'], undefined],
      [['./web.example.com'], undefined],
      [['shop/*'], undefined],
      [['other/*'], 'the gateway accepts none of these hosts'],
      [['example.com'], 'the gateway accepts none of these hosts'],
    ])('that take %j', (hosts, problem) => {
      const { edges } = trafficGraph([web, gateway({ servers: [server(...hosts)] })]);
      expect(edges[0]?.problem).toBe(problem);
    });

    test('in and out', () => {
      const graph = trafficGraph([
        gateway({ selector: { istio: 'ingress' }, servers: [server('./a.example.com', '*')] }),
        istio('Gateway', 'out', { selector: { istio: 'egressgateway' } }),
      ]);
      expect(graph.nodes).toEqual([
        {
          id: 'gateway:shop/out',
          kind: 'egress',
          title: 'out',
          details: ['Gateway in shop', 'no VirtualService is bound to it'],
          namespace: 'shop',
          definedBy: ['Gateway shop/out'],
        },
        {
          id: 'gateway:shop/public',
          kind: 'ingress',
          title: 'public',
          details: ['Gateway in shop', 'HTTPS 443 (SIMPLE) a.example.com, *', 'no VirtualService is bound to it'],
          namespace: 'shop',
          definedBy: ['Gateway shop/public'],
        },
      ]);
    });

    test('that are not given, or not there', () => {
      expect(nodeOf(trafficGraph([web]), 'gateway:shop/public')).toMatchObject({
        details: ['Gateway in shop', 'its Gateway is not among these manifests'],
      });
      expect(nodeOf(trafficGraph([web], WHOLE_CLUSTER), 'gateway:shop/public')).toMatchObject({
        problem: 'this Gateway does not exist',
      });
    });
  });

  describe('what is broken', () => {
    const route = virtualService('web', { http: [{ route: [to('reviews', 'v1')] }] });
    const rule = istio('DestinationRule', 'reviews', {
      host: 'reviews',
      subsets: [{ name: 'v1', labels: { version: 'v1' } }],
    });
    const service = core('Service', 'reviews', { selector: { app: 'reviews' } });
    const problem = (sources: readonly TrafficSource[], options?: TrafficGraphOptions) =>
      nodeOf(trafficGraph(sources, options), `subset:${REVIEWS}/v1`)?.problem;

    test.each<[string, TrafficSource[], TrafficGraphOptions | undefined, string | undefined]>([
      ['a subset that nothing defines', [], undefined, 'no DestinationRule defines this subset'],
      [
        'a subset that a rule for another host defines',
        [istio('DestinationRule', 'x', { host: 'x', subsets: [{ name: 'v1' }] })],
        undefined,
        'no DestinationRule defines this subset',
      ],
      ['nothing, in files', [rule], undefined, undefined],
      ['a Service that the cluster has not', [rule], WHOLE_CLUSTER, 'no Service reviews in namespace shop'],
      ['a Service without workloads, in files', [rule, service], undefined, undefined],
      ['a Service without workloads, on the cluster', [rule, service], WHOLE_CLUSTER, 'no workload has app=reviews'],
      [
        'a Service whose workloads are others',
        [rule, service, deployment('x', { app: 'x' })],
        undefined,
        'no workload has app=reviews',
      ],
      [
        'a subset without workloads',
        [rule, service, deployment('x', { app: 'reviews', version: 'v2' })],
        undefined,
        'no workload has version=v1',
      ],
      [
        'nothing, with a workload',
        [rule, service, deployment('x', { app: 'reviews', version: 'v1' })],
        WHOLE_CLUSTER,
        undefined,
      ],
      [
        'nothing, with a pod',
        [rule, service, core('Pod', 'x', {}, { app: 'reviews', version: 'v1' })],
        WHOLE_CLUSTER,
        undefined,
      ],
      [
        'nothing, with a rule for many hosts',
        [
          istio('DestinationRule', 'all', {
            host: '*.shop.svc.cluster.local',
            subsets: [{ name: 'v1', labels: { version: 'v1' } }],
          }),
        ],
        undefined,
        undefined,
      ],
      ['nothing, without a selector', [rule, core('Service', 'reviews', {})], WHOLE_CLUSTER, undefined],
    ])('%s', (_, sources, options, expected) => {
      expect(problem([route, ...sources], options)).toBe(expected);
    });

    test('a name that is not completed', () => {
      const objects = [virtualService('web', { http: [{ route: [to('reviews.shop')] }] })];
      expect(nodeOf(trafficGraph(objects), 'outside:reviews.shop')?.problem).toBe(
        'Istio does not complete names with dots: write reviews.shop.svc.cluster.local',
      );
    });

    test('a host outside that no ServiceEntry has', () => {
      const objects = [virtualService('web', { http: [{ route: [to('api.example.com')] }] })];
      expect(nodeOf(trafficGraph(objects), 'outside:api.example.com')?.problem).toBeUndefined();
      expect(nodeOf(trafficGraph(objects, WHOLE_CLUSTER), 'outside:api.example.com')?.problem).toBe(
        'no ServiceEntry has this host',
      );
    });
  });
});
