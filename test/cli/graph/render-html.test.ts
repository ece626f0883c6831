import fc from 'fast-check';
import { renderHtml } from '../../../lib/cli/graph/render-html';
import { renderSvg } from '../../../lib/cli/graph/render-svg';
import { routeRows } from '../../../lib/cli/graph/route-rows';
import { trafficGraph } from '../../../lib/cli/graph/traffic-graph';
import { elementsOf, textOf, type MarkupElement } from './markup';
import { randomGraph } from './random-graph';
import { sampleMesh } from './sample-mesh';

const graph = trafficGraph(sampleMesh());

describe('renderSvg', () => {
  let lines: readonly string[];
  let svg: readonly MarkupElement[];

  beforeAll(async () => {
    lines = await renderSvg(graph);
    svg = elementsOf(lines.join('\n'));
  });

  test('has a title, and a description that lists every route', () => {
    const [root] = svg;
    expect(root?.attributes).toMatchObject({ role: 'img', 'aria-labelledby': 'traffic-title traffic-desc' });
    expect(textOf(svg, 'title')).toBe('Traffic in the mesh');
    expect(textOf(svg, 'desc').split('. ')).toEqual([
      'mesh, db to db.checkout.svc.cluster.local; TCP · port 5432; to port 5432',
      'mesh, pay.example.net to pay.example.net; TLS · SNI = pay.example.net',
      'gateway ingress/public, shop.example.com to …://www.example.com/, redirect 308; path starts with /old/',
      'gateway ingress/public, shop.example.com to response 200, from the proxy; path = /healthz',
      'gateway ingress/public, shop.example.com to web.shop.svc.cluster.local; otherwise; timeout 5s',
      'mesh, ratings to ratings.shop.svc.cluster.local, subset v1',
      'mesh, ratings to ratings.shop.svc.cluster.local, subset v2; 5 %; mirrored',
      'mesh, reviews to reviews.shop.svc.cluster.local, subset v2; end-user = jason',
      'mesh, reviews to reviews.shop.svc.cluster.local, subset v1; otherwise; 90 %; timeout 3s, 3 retries of 1s on gateway-error, fault: delay 7s for 10 %',
      'mesh, reviews to reviews.shop.svc.cluster.local, subset v2; otherwise; 10 %; timeout 3s, 3 retries of 1s on gateway-error, fault: delay 7s for 10 %',
    ]);
  });

  test('draws each node in each namespace that has its edges, and each edge once, by what it is', () => {
    const classes = svg.filter(({ name }) => name === 'g').map(({ attributes }) => attributes.class ?? '');
    expect(svg.flatMap(({ attributes }) => attributes['data-id'] ?? []).sort()).toEqual(
      [...graph.nodes.map(({ id }) => id), 'mesh'].sort(),
    );
    expect(classes.filter((one) => one.startsWith('edge '))).toHaveLength(graph.edges.length);
    expect(classes.filter((one) => one === 'edge mirror')).toHaveLength(1);
    expect(classes.filter((one) => one === 'node answer')).toHaveLength(2);
    expect(classes.filter((one) => one === 'node outside')).toHaveLength(1);
  });

  test('loads nothing from elsewhere, and contains no script', () => {
    const text = lines.join('\n').replace('xmlns="http://www.w3.org/2000/svg"', '');
    expect(text).not.toMatch(/https?:|@import|<script|\son\w+=|href|<image|foreignObject/);
    expect(text).toContain('@media(prefers-color-scheme:dark)');
  });

  test('marks nodes and edges that are broken', async () => {
    const broken = trafficGraph([
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'web', namespace: 'shop' },
        spec: { hosts: ['web'], http: [{ route: [{ destination: { host: 'web', subset: 'v1' } }] }] },
      },
    ]);
    const elements = elementsOf((await renderSvg(broken)).join('\n'));
    const problems = elements.filter(({ attributes }) => attributes.class === 'problem').map(({ text }) => text);
    expect(problems.join(' ')).toBe('no DestinationRule defines this subset');
    expect(elements.filter(({ attributes }) => attributes.class === 'node broken')).toHaveLength(1);
    const cells = elementsOf((await renderHtml(broken, 'web.yaml')).slice(1).join('\n')).filter(
      ({ name }) => name === 'td',
    );
    expect(cells.map(({ text }) => text)).toEqual([
      'mesh',
      'web',
      '',
      'web.shop.svc.cluster.local, subset v1',
      '',
      'no DestinationRule defines this subset',
      'VirtualService shop/web',
    ]);
  });

  test('names who delegates to a delegate, and lists only gateways that lead to a route', () => {
    const object = (kind: string, name: string, spec: object) => ({
      apiVersion: 'networking.istio.io/v1',
      kind,
      metadata: { name, namespace: 'shop' },
      spec,
    });
    const rows = routeRows(
      trafficGraph([
        object('Gateway', 'other', { servers: [{ hosts: ['other.example.com'] }] }),
        object('VirtualService', 'web', {
          hosts: ['web.example.com'],
          gateways: ['other', 'mesh'],
          http: [{ delegate: { name: 'cart' } }],
        }),
        object('VirtualService', 'cart', { http: [{ route: [{ destination: { host: 'cart' } }] }] }),
      ]),
    );
    expect(rows.map(({ from, host, to, details }) => [from, host, to, details])).toEqual([
      ['gateway shop/other', 'web.example.com', 'web.example.com', 'the gateway accepts none of these hosts'],
      ['mesh', 'web.example.com', 'shop/cart', ''],
      ['web.example.com', 'cart', 'cart.shop.svc.cluster.local', ''],
    ]);
  });

  test('is well-formed XML, whatever the texts', async () => {
    await fc.assert(
      fc.asyncProperty(randomGraph(), async (random) => {
        const elements = elementsOf((await renderSvg(random)).join('\n'));
        expect(elements.filter(({ name }) => name === 'script')).toEqual([]);
        expect(new Set(elements.flatMap(({ attributes }) => attributes['data-id'] ?? []))).toEqual(
          new Set(random.nodes.map(({ id }) => id)),
        );
      }),
      { numRuns: 50 },
    );
  }, 120_000);
});

describe('renderHtml', () => {
  let lines: readonly string[];
  let elements: readonly MarkupElement[];

  beforeAll(async () => {
    lines = await renderHtml(graph, 'dist/<mesh>.yaml & more');
    elements = elementsOf(lines.slice(1).join('\n'));
  });

  test('names the source of the graph', () => {
    expect(lines[0]).toBe('<!doctype html>');
    expect(textOf(elements, 'h1')).toBe('Traffic in the mesh');
    expect(lines).toContain('<p>dist/&lt;mesh&gt;.yaml &amp; more</p>');
  });

  test('has all routes in a table', () => {
    const cells = elements.filter(({ name }) => name === 'td').map(({ text }) => text);
    expect(elements.filter(({ name }) => name === 'th').map(({ text }) => text)).toEqual([
      'From',
      'Host',
      'Requests',
      'To',
      'Share',
      'Details',
      'Defined by',
    ]);
    expect(cells).toHaveLength(7 * 10);
    expect(cells.slice(7 * 8, 7 * 9)).toEqual([
      'mesh',
      'reviews',
      'otherwise',
      'reviews.shop.svc.cluster.local, subset v1',
      '90 %',
      'timeout 3s, 3 retries of 1s on gateway-error, fault: delay 7s for 10 %',
      'VirtualService shop/reviews, DestinationRule shop/reviews',
    ]);
  });
});
