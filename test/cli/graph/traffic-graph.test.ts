import fc from 'fast-check';
import { renderHtml } from '../../../lib/cli/graph/render-html';
import { renderMermaid } from '../../../lib/cli/graph/render-mermaid';
import { trafficGraph } from '../../../lib/cli/graph/traffic-graph';
import type { TrafficSource } from '../../../lib/cli/graph/traffic-objects';
import { core, edgesOf, edgeText, istio, nodeOf, REVIEWS, to, virtualService } from './istio-objects';
import { sampleMesh } from './sample-mesh';

describe('trafficGraph', () => {
  test('has the nodes and edges of every kind of rule', () => {
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

  test('completes names without dots with the namespace, and keeps those with dots or * as they are', () => {
    const destinations = ['reviews', REVIEWS, 'reviews.other', '*.example.com'];
    expect(edgesOf([virtualService('web', { http: destinations.map((host) => ({ route: [to(host)] })) })])).toEqual([
      'mesh -> host:shop/web, entry',
      `host:shop/web -> service:${REVIEWS}`,
      `host:shop/web -> service:${REVIEWS}`,
      'host:shop/web -> outside:reviews.other',
      'host:shop/web -> outside:*.example.com',
    ]);
  });

  test('shows weights as percentages of their sum, and none for a single destination', () => {
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

  test('reads each way to write a mirror', () => {
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

  test('lists matches as alternatives, and omits them all where one has no condition', () => {
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
  ])('shows the redirect %j', (redirect, title, detail) => {
    const graph = trafficGraph([virtualService('web', { http: [{ redirect }] })]);
    expect(nodeOf(graph, 'redirect:shop/web/1')).toMatchObject({ kind: 'redirect', title, details: [detail] });
  });

  test('draws hosts without a VirtualService as reached from the mesh', () => {
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
  ])('describes a namespace %s', (_, objects, details) => {
    expect(trafficGraph([virtualService('web', {}), ...objects]).namespaces).toEqual([{ name: 'shop', details }]);
  });

  test('uses the last of two objects with one name, and ignores other API groups', () => {
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

  test('accepts any content of a spec', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('VirtualService', 'DestinationRule', 'Gateway', 'ServiceEntry')),
        fc.array(spec()),
        async (kinds, specs) => {
          const graph = trafficGraph(
            kinds.map((kind, index) => ({ ...istio(kind, `n${String(index)}`, {}), spec: specs[index] })),
          );
          const ids = new Set(graph.nodes.map(({ id }) => id));
          expect(ids.size).toBe(graph.nodes.length);
          for (const { from, to: end } of graph.edges) expect(ids.has(from) && ids.has(end)).toBe(true);
          expect((await renderHtml(graph, '')).length + renderMermaid(graph).length).toBeGreaterThan(0);
        },
      ),
    );
  }, 120_000);
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

/** Known fields with values of all kinds, also in wrong places. */
function spec(): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>('a', 'a.example.com', '*', '', 80, null, true, { toString: null, valueOf: null }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...FIELDS.split(' ')), tie('value'), { maxKeys: 5 }),
    ),
  })).value;
}
