import fc from 'fast-check';
import type { GraphEdge, GraphNode, TrafficGraph } from '../../../lib/cli/graph/graph-model';
import { trafficGraph, type TrafficGraphOptions } from '../../../lib/cli/graph/traffic-graph';
import type { TrafficSource } from '../../../lib/cli/graph/traffic-objects';
import { sampleMesh } from './sample-mesh';

const NETWORKING = 'networking.istio.io/v1';

const istio = (kind: string, name: string, spec: object, namespace = 'shop'): TrafficSource => ({
  apiVersion: NETWORKING,
  kind,
  metadata: { name, namespace },
  spec,
});
const virtualService = (name: string, spec: object, namespace?: string) =>
  istio('VirtualService', name, { hosts: [name], ...spec }, namespace);
const to = (host: string, subset?: string) => ({ destination: { host, ...(subset ? { subset } : {}) } });
const core = (kind: string, name: string, spec?: object, labels?: Record<string, string>): TrafficSource => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  metadata: { name, ...(kind === 'Namespace' ? {} : { namespace: 'shop' }), ...(labels ? { labels } : {}) },
  ...(spec ? { spec } : {}),
});
const deployment = (name: string, labels: Record<string, string>) =>
  core('Deployment', name, { template: { metadata: { labels } } });

/** An edge as text: ends, kind where it is no route, and what is written at it. */
function edgeText({ from, to: end, kind, protocol, match, percent, notes, faults, problem }: GraphEdge): string {
  return [
    `${from} -> ${end}`,
    kind === 'route' ? undefined : kind,
    protocol === 'HTTP' ? undefined : protocol,
    match.length > 0 ? match.join(' | ') : undefined,
    percent === undefined ? undefined : `${String(percent)} %`,
    ...notes,
    ...faults,
    problem && `! ${problem}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

const edgesOf = (sources: readonly TrafficSource[], options?: TrafficGraphOptions) =>
  trafficGraph(sources, options).edges.map(edgeText);

function nodeOf({ nodes }: TrafficGraph, id: string): GraphNode | undefined {
  return nodes.find((node) => node.id === id);
}

const WHOLE_CLUSTER: TrafficGraphOptions = { isComplete: () => true };
const REVIEWS = 'reviews.shop.svc.cluster.local';

describe('trafficGraph', () => {
  test('of the constructs', () => {
    const graph = trafficGraph(sampleMesh());
    expect(graph.edges.map(edgeText)).toEqual([
      'mesh -> host:checkout/db, entry',
      'host:checkout/db -> service:db.checkout.svc.cluster.local, TCP, port 5432, to port 5432',
      'mesh -> host:checkout/pay, entry',
      'host:checkout/pay -> outside:pay.example.net, TLS, SNI = pay.example.net',
      'gateway:ingress/public -> host:shop/front, entry',
      'host:shop/front -> redirect:shop/front/1, redirect, path starts with /old/',
      'host:shop/front -> response:shop/front/2, response, path = /healthz',
      'host:shop/front -> service:web.shop.svc.cluster.local, timeout 5s',
      'mesh -> host:shop/ratings, entry',
      'host:shop/ratings -> subset:ratings.shop.svc.cluster.local/v1',
      'host:shop/ratings -> subset:ratings.shop.svc.cluster.local/v2, mirror, 5 %',
      'mesh -> host:shop/reviews, entry',
      `host:shop/reviews -> subset:${REVIEWS}/v2, end-user = jason`,
      `host:shop/reviews -> subset:${REVIEWS}/v1, 90 %, timeout 3s, 3 retries of 1s on gateway-error, delay 7s for 10 %`,
      `host:shop/reviews -> subset:${REVIEWS}/v2, 10 %, timeout 3s, 3 retries of 1s on gateway-error, delay 7s for 10 %`,
    ]);
    expect(graph.namespaces).toEqual([
      { name: 'checkout', details: ['sidecars'] },
      { name: 'ingress', details: ['sidecars'] },
      { name: 'shop', details: ['sidecars', 'mTLS STRICT'] },
    ]);
    expect(graph.nodes.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(nodeOf(graph, `subset:${REVIEWS}/v1`)).toEqual({
      id: `subset:${REVIEWS}/v1`,
      kind: 'subset',
      title: 'reviews',
      details: ['subset v1', 'version=v1', 'circuit breaker'],
      namespace: 'shop',
      host: REVIEWS,
      definedBy: ['DestinationRule shop/reviews'],
    });
    expect(nodeOf(graph, 'subset:ratings.shop.svc.cluster.local/v3')?.details).toEqual([
      'subset v3',
      'version=v3',
      'no route leads here',
    ]);
  });

  test('does not depend on the order of objects', () => {
    const objects = sampleMesh();
    const expected = trafficGraph(objects);
    fc.assert(
      fc.property(fc.shuffledSubarray([...objects], { minLength: objects.length }), (shuffled) => {
        expect(trafficGraph(shuffled)).toEqual(expected);
      }),
    );
  });

  test('names without dots are of the namespace, those with dots and * stand for themselves', () => {
    const destinations = ['reviews', REVIEWS, 'reviews.other', '*.example.com'];
    expect(edgesOf([virtualService('web', { http: destinations.map((host) => ({ route: [to(host)] })) })])).toEqual([
      'mesh -> host:shop/web, entry',
      `host:shop/web -> service:${REVIEWS}`,
      `host:shop/web -> service:${REVIEWS}`,
      'host:shop/web -> outside:reviews.other',
      'host:shop/web -> outside:*.example.com',
    ]);
  });

  test('shares are parts of the sum; one alone has all', () => {
    const routes = [{ ...to('a'), weight: 1 }, { ...to('b'), weight: 3 }, to('c')];
    expect(
      edgesOf([virtualService('web', { http: [{ route: routes }, { route: [{ ...to('a'), weight: 5 }] }] })]),
    ).toEqual([
      'mesh -> host:shop/web, entry',
      'host:shop/web -> service:a.shop.svc.cluster.local, 25 %',
      'host:shop/web -> service:b.shop.svc.cluster.local, 75 %',
      'host:shop/web -> service:c.shop.svc.cluster.local, 0 %',
      'host:shop/web -> service:a.shop.svc.cluster.local',
    ]);
  });

  test('each way to write a mirror', () => {
    const route = [to('a')];
    const mirror = { host: 'b' };
    const http = [
      { route, mirror },
      { route, mirror, mirrorPercentage: { value: 0.5 } },
      { route, mirror, mirrorPercent: 20 },
      { route, mirrors: [{ destination: mirror, percentage: { value: 30 } }, { destination: { host: 'c' } }] },
    ];
    expect(edgesOf([virtualService('web', { http })]).filter((edge) => edge.includes('mirror'))).toEqual([
      'host:shop/web -> service:b.shop.svc.cluster.local, mirror, 100 %',
      'host:shop/web -> service:b.shop.svc.cluster.local, mirror, 0.5 %',
      'host:shop/web -> service:b.shop.svc.cluster.local, mirror, 20 %',
      'host:shop/web -> service:b.shop.svc.cluster.local, mirror, 30 %',
      'host:shop/web -> service:c.shop.svc.cluster.local, mirror, 100 %',
    ]);
  });

  test('conditions are alternatives, which one without any makes needless', () => {
    const match = [{ uri: { exact: '/a' } }, { uri: { exact: '/b' } }, { uri: { exact: '/a' } }];
    expect(
      edgesOf([
        virtualService('web', {
          http: [
            { match, route: [to('a')] },
            { match: [...match, {}], route: [to('b')] },
          ],
        }),
      ]),
    ).toEqual([
      'mesh -> host:shop/web, entry',
      'host:shop/web -> service:a.shop.svc.cluster.local, path = /a | path = /b',
      'host:shop/web -> service:b.shop.svc.cluster.local',
    ]);
  });

  test.each([
    [{ uri: '/new' }, '/new', 'redirect 301'],
    [{ authority: 'a.example', redirectCode: 302 }, '…://a.example/…', 'redirect 302'],
    [{ scheme: 'https', port: 8443 }, 'https://…:8443/…', 'redirect 301'],
    [{}, '…', 'redirect 301'],
  ])('redirect %j', (redirect, title, detail) => {
    const graph = trafficGraph([virtualService('web', { http: [{ redirect }] })]);
    expect(nodeOf(graph, 'redirect:shop/web/1')).toMatchObject({ kind: 'redirect', title, details: [detail] });
  });

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
      ['that are not there', [], WHOLE_CLUSTER, { problem: 'there is no such VirtualService' }],
      [
        'that have hosts',
        [cart({ hosts: ['cart'], http: [] })],
        undefined,
        { problem: 'has hosts, so nothing can be delegated to it' },
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
      [['other/*'], 'the gateway takes none of these hosts'],
      [['example.com'], 'the gateway takes none of these hosts'],
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
        problem: 'there is no such Gateway',
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
        'names with dots are not completed: write reviews.shop.svc.cluster.local',
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

  test('hosts that no VirtualService has are reached from the mesh', () => {
    expect(
      edgesOf([
        istio('DestinationRule', 'reviews', { host: 'reviews' }),
        istio('ServiceEntry', 'out', { hosts: ['api.example.com'] }),
        istio('ServiceEntry', 'in', { hosts: ['vm.example.com'], location: 'MESH_INTERNAL' }),
        istio('DestinationRule', 'web', { host: 'web' }),
        virtualService('web', { http: [{ route: [to('web')] }] }),
      ]),
    ).toEqual([
      'mesh -> host:shop/web, entry',
      'host:shop/web -> service:web.shop.svc.cluster.local',
      `mesh -> service:${REVIEWS}, entry`,
      'mesh -> service:vm.example.com, entry',
      'mesh -> outside:api.example.com, entry',
    ]);
  });

  test.each<[string, TrafficSource[], string[]]>([
    ['injected', [core('Namespace', 'shop', undefined, { 'istio-injection': 'enabled' })], ['sidecars']],
    ['not injected', [core('Namespace', 'shop', undefined, { 'istio-injection': 'disabled' })], ['no sidecars']],
    [
      'of a revision',
      [core('Namespace', 'shop', undefined, { 'istio.io/rev': 'canary' })],
      ['sidecars of revision canary'],
    ],
    ['with the mode of the mesh', [authentication('istio-system', 'STRICT')], ['mTLS STRICT']],
    [
      'with a mode of its own',
      [authentication('istio-system', 'STRICT'), authentication('shop', 'PERMISSIVE')],
      ['mTLS PERMISSIVE'],
    ],
    [
      'with no mode of its own',
      [authentication('istio-system', 'STRICT'), authentication('shop', 'UNSET')],
      ['mTLS STRICT'],
    ],
    ['with a mode for some workloads', [authentication('shop', 'STRICT', { selector: {} })], []],
  ])('a namespace %s', (_, objects, details) => {
    expect(trafficGraph([virtualService('web', {}), ...objects]).namespaces).toEqual([{ name: 'shop', details }]);
  });

  test('the last of two objects with one name counts; objects of other API groups do not', () => {
    const objects = [
      virtualService('web', { http: [{ route: [to('old')] }] }),
      virtualService('web', { http: [{ route: [to('new')] }] }),
      { ...istio('Gateway', 'public', {}), apiVersion: 'gateway.networking.k8s.io/v1' },
    ];
    expect(edgesOf(objects)).toEqual([
      'mesh -> host:shop/web, entry',
      'host:shop/web -> service:new.shop.svc.cluster.local',
    ]);
    expect(trafficGraph(objects).nodes.map(({ id }) => id)).not.toContain('gateway:shop/public');
  });

  test('takes whatever stands in a spec', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('VirtualService', 'DestinationRule', 'Gateway', 'ServiceEntry')),
        fc.array(spec()),
        (kinds, specs) => {
          const graph = trafficGraph(
            kinds.map((kind, index) => ({ ...istio(kind, `n${String(index)}`, {}), spec: specs[index] })),
          );
          const ids = new Set(graph.nodes.map(({ id }) => id));
          expect(ids.size).toBe(graph.nodes.length);
          for (const { from, to: end } of graph.edges) expect(ids.has(from) && ids.has(end)).toBe(true);
        },
      ),
    );
  });
});

function authentication(namespace: string, mode: string, more: object = {}): TrafficSource {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace },
    spec: { mtls: { mode }, ...more },
  };
}

const FIELDS =
  'hosts host gateways http tls tcp route destination subset subsets name labels match headers uri exact weight mirror mirrors redirect delegate directResponse body fault delay percentage value servers port number selector trafficPolicy';

/** Known fields with values of all kinds, at wrong places too. */
function spec(): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>('a', 'a.example.com', '*', '', 80, null, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...FIELDS.split(' ')), tie('value'), { maxKeys: 5 }),
    ),
  })).value;
}
