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

    test('are drawn between the host and their destinations', () => {
      expect(edgesOf([root, cart({ http: [{ route: [to('cart')] }] })])).toEqual([
        'mesh -> host:shop/web, entry',
        'host:shop/web -> delegate:team/cart, delegate, path starts with /cart',
        'delegate:team/cart -> service:cart.team.svc.cluster.local',
      ]);
    });

    test.each<[string, TrafficSource[], TrafficGraphOptions | undefined, Partial<GraphNode>]>([
      [
        'have a note where the manifests do not contain them',
        [],
        undefined,
        { details: ['VirtualService without hosts', 'its VirtualService is not in the input'] },
      ],
      [
        'are a problem where the cluster does not have them',
        [],
        WHOLE_CLUSTER,
        { problem: 'this VirtualService does not exist' },
      ],
      [
        'are a problem where they have hosts',
        [cart({ hosts: ['cart'], http: [] })],
        undefined,
        { problem: 'has hosts, so no VirtualService can delegate to it' },
      ],
    ])('%s', (_, others, options, expected) => {
      const node = nodeOf(trafficGraph([root, ...others], options), 'delegate:team/cart');
      expect(node).toMatchObject({ kind: 'delegate', ...expected });
      expect(node?.problem).toBe(expected.problem);
    });

    test('have a note where nothing delegates to them', () => {
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
    ])('are a problem only where they take none of the hosts: %j', (hosts, problem) => {
      const { edges } = trafficGraph([web, gateway({ servers: [server(...hosts)] })]);
      expect(edges[0]?.problem).toBe(problem);
    });

    test('are drawn as ingress or egress gateways, by their selector', () => {
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

    test('have a note where the manifests do not contain them, and are a problem where the cluster does not', () => {
      expect(nodeOf(trafficGraph([web]), 'gateway:shop/public')).toMatchObject({
        details: ['Gateway in shop', 'its Gateway is not in the input'],
      });
      expect(nodeOf(trafficGraph([web], WHOLE_CLUSTER), 'gateway:shop/public')).toMatchObject({
        problem: 'this Gateway does not exist',
      });
    });
  });

  describe('a problem', () => {
    const route = virtualService('web', { http: [{ route: [to('reviews', 'v1')] }] });
    const rule = istio('DestinationRule', 'reviews', {
      host: 'reviews',
      subsets: [{ name: 'v1', labels: { version: 'v1' } }],
    });
    const service = core('Service', 'reviews', { selector: { app: 'reviews' } });
    const problem = (sources: readonly TrafficSource[], options?: TrafficGraphOptions) =>
      nodeOf(trafficGraph(sources, options), `subset:${REVIEWS}/v1`)?.problem;

    test.each<[string, TrafficSource[], TrafficGraphOptions | undefined, string | undefined]>([
      ['is a subset that nothing defines', [], undefined, 'no DestinationRule defines this subset'],
      [
        'is a subset that only a rule for another host defines',
        [istio('DestinationRule', 'x', { host: 'x', subsets: [{ name: 'v1' }] })],
        undefined,
        'no DestinationRule defines this subset',
      ],
      ['is not a Service that manifests do not contain', [rule], undefined, undefined],
      ['is a Service that the cluster does not have', [rule], WHOLE_CLUSTER, 'no Service reviews in namespace shop'],
      ['is not a Service without workloads, in manifests', [rule, service], undefined, undefined],
      ['is a Service without workloads, in a cluster', [rule, service], WHOLE_CLUSTER, 'no workload has app=reviews'],
      [
        'is a Service that selects none of the workloads',
        [rule, service, deployment('x', { app: 'x' })],
        undefined,
        'no workload has app=reviews',
      ],
      [
        'is a subset without workloads',
        [rule, service, deployment('x', { app: 'reviews', version: 'v2' })],
        undefined,
        'no workload has version=v1',
      ],
      [
        'is not a subset with a workload',
        [rule, service, deployment('x', { app: 'reviews', version: 'v1' })],
        WHOLE_CLUSTER,
        undefined,
      ],
      [
        'is not a subset with a pod',
        [rule, service, core('Pod', 'x', {}, { app: 'reviews', version: 'v1' })],
        WHOLE_CLUSTER,
        undefined,
      ],
      [
        'is not a subset that a rule for many hosts defines',
        [
          istio('DestinationRule', 'all', {
            host: '*.shop.svc.cluster.local',
            subsets: [{ name: 'v1', labels: { version: 'v1' } }],
          }),
        ],
        undefined,
        undefined,
      ],
      [
        'is not a subset of a Service without a selector',
        [rule, core('Service', 'reviews', {})],
        WHOLE_CLUSTER,
        undefined,
      ],
    ])('%s', (_, sources, options, expected) => {
      expect(problem([route, ...sources], options)).toBe(expected);
    });

    test('is a name with dots that Istio does not complete', () => {
      const objects = [virtualService('web', { http: [{ route: [to('reviews.shop')] }] })];
      expect(nodeOf(trafficGraph(objects), 'outside:reviews.shop')?.problem).toBe(
        'Istio does not complete names with dots: write reviews.shop.svc.cluster.local',
      );
    });

    test('is an external host without a ServiceEntry, in a cluster', () => {
      const objects = [virtualService('web', { http: [{ route: [to('api.example.com')] }] })];
      expect(nodeOf(trafficGraph(objects), 'outside:api.example.com')?.problem).toBeUndefined();
      expect(nodeOf(trafficGraph(objects, WHOLE_CLUSTER), 'outside:api.example.com')?.problem).toBe(
        'no ServiceEntry has this host',
      );
    });
  });
});
