import fc from 'fast-check';
import { renderMermaid } from '../../../lib/cli/graph/render-mermaid';
import { trafficGraph } from '../../../lib/cli/graph/traffic-graph';
import { randomGraph } from './random-graph';
import { sampleMesh } from './sample-mesh';

const ID = '[A-Za-z][A-Za-z0-9_]*';
const TEXT = String.raw`"(?:[\p{L}\p{M}\p{N} .,=/()%·…-]|#\d+;|<br/>)*"`;
const SHAPES = [
  `\\(\\[${TEXT}\\]\\)`,
  `\\(${TEXT}\\)`,
  `\\[\\[${TEXT}\\]\\]`,
  `\\[${TEXT}\\]`,
  `\\[/${TEXT}/\\]`,
  `\\{\\{${TEXT}\\}\\}`,
];
/** The part of Mermaid's grammar that is used. */
const STATEMENTS = [
  `(?<open>  subgraph ${ID}\\[${TEXT}\\])`,
  '(?<close>  end)',
  ` {2,4}(?<node>${ID})(?:${SHAPES.join('|')})`,
  `  (?<from>${ID}) (?:-->|-\\.->)(?:\\|${TEXT}\\|)? (?<to>${ID})`,
  '  classDef broken [-a-z:#0-9,]+',
  `  class ${ID}(?:,${ID})* broken`,
  '  linkStyle \\d+(?:,\\d+)* [-a-z:#0-9,]+',
].map((statement) => new RegExp(`^(?:${statement})$`, 'u'));

/** Whether lines are a flowchart: known statements, closed subgraphs, and edges between nodes that exist. */
function problemsOf([first, ...lines]: readonly string[]): readonly string[] {
  const nodes = new Set<string>();
  const ends: string[] = [];
  const problems = first === 'flowchart LR' ? [] : [`begins with ${String(first)}`];
  let depth = 0;
  for (const line of lines) {
    const found = STATEMENTS.map((statement) => statement.exec(line)).find((match) => match !== null);
    if (!found || line.includes('%%')) problems.push(`no statement: ${line}`);
    const { open, close, node, from, to } = found?.groups ?? {};
    depth += open ? 1 : close ? -1 : 0;
    if (depth < 0 || depth > 1) problems.push(`depth ${String(depth)} at ${line}`);
    if (node && nodes.has(node)) problems.push(`twice: ${node}`);
    if (node) nodes.add(node);
    if (from && to) ends.push(from, to);
  }
  return [
    ...problems,
    ...ends.filter((end) => !nodes.has(end)).map((end) => `no node ${end}`),
    ...(depth === 0 ? [] : ['not closed']),
  ];
}

describe('renderMermaid', () => {
  test('draws gateways, hosts, services and subsets by namespace', () => {
    const lines = renderMermaid(trafficGraph(sampleMesh()));
    expect(problemsOf(lines)).toEqual([]);
    expect(lines).toEqual([
      'flowchart LR',
      '  gateway_ingress_public(["public<br/>Gateway in ingress<br/>HTTP 80 (to HTTPS) shop.example.com<br/>HTTPS 443 (SIMPLE) shop.example.com"])',
      '  mesh(["mesh<br/>all sidecars"])',
      '  subgraph namespace_checkout["checkout · sidecars"]',
      '    host_checkout_db("db<br/>VirtualService db")',
      '    host_checkout_pay("pay.example.net<br/>VirtualService pay")',
      '    service_db_checkout["db"]',
      '  end',
      '  subgraph namespace_shop["shop · sidecars · mTLS STRICT"]',
      '    host_shop_front("shop.example.com<br/>VirtualService front")',
      '    host_shop_ratings("ratings<br/>VirtualService ratings")',
      '    host_shop_reviews("reviews<br/>VirtualService reviews")',
      '    redirect_shop_front_1{{"…#58;//www.example.com/<br/>redirect 308"}}',
      '    response_shop_front_2{{"response 200<br/>from the proxy<br/>fine"}}',
      '    service_web_shop["web"]',
      '    subset_ratings_shop_v1["ratings<br/>subset v1<br/>version=v1"]',
      '    subset_ratings_shop_v2["ratings<br/>subset v2<br/>version=v2"]',
      '    subset_ratings_shop_v3["ratings<br/>subset v3<br/>version=v3<br/>no route leads here"]',
      '    subset_reviews_shop_v1["reviews<br/>subset v1<br/>version=v1<br/>circuit breaker"]',
      '    subset_reviews_shop_v2["reviews<br/>subset v2<br/>version=v2<br/>circuit breaker"]',
      '  end',
      '  subgraph outside_mesh["outside the mesh"]',
      '    outside_pay_example_net[/"pay.example.net<br/>TLS 443"/]',
      '  end',
      '  mesh --> host_checkout_db',
      '  host_checkout_db -->|"TCP · port 5432<br/>to port 5432"| service_db_checkout',
      '  mesh --> host_checkout_pay',
      '  host_checkout_pay -->|"TLS · SNI = pay.example.net"| outside_pay_example_net',
      '  gateway_ingress_public --> host_shop_front',
      '  host_shop_front -->|"path starts with /old/"| redirect_shop_front_1',
      '  host_shop_front -->|"path = /healthz"| response_shop_front_2',
      '  host_shop_front -->|"otherwise<br/>timeout 5s"| service_web_shop',
      '  mesh --> host_shop_ratings',
      '  host_shop_ratings --> subset_ratings_shop_v1',
      '  host_shop_ratings -.->|"mirrored 5 %"| subset_ratings_shop_v2',
      '  mesh --> host_shop_reviews',
      '  host_shop_reviews -->|"end-user = jason"| subset_reviews_shop_v2',
      '  host_shop_reviews -->|"otherwise · 90 %<br/>timeout 3s · 3 retries of 1s on gateway-error<br/>fault#58; delay 7s for 10 %"| subset_reviews_shop_v1',
      '  host_shop_reviews -->|"otherwise · 10 %<br/>timeout 3s · 3 retries of 1s on gateway-error<br/>fault#58; delay 7s for 10 %"| subset_reviews_shop_v2',
    ]);
  });

  test('marks nodes and edges that are broken', () => {
    const lines = renderMermaid({
      namespaces: [],
      nodes: [
        { id: 'a:x', kind: 'outside', title: 'x', details: [], definedBy: [], problem: 'is not there' },
        { id: 'mesh', kind: 'mesh', title: 'mesh', details: [], definedBy: [] },
      ],
      edges: [
        { from: 'mesh', to: 'a:x', kind: 'entry', match: [], notes: [], faults: [] },
        { from: 'mesh', to: 'a:x', kind: 'entry', match: [], notes: [], faults: [], problem: 'never taken' },
      ],
    });
    expect(lines.slice(1)).toEqual([
      '  mesh(["mesh"])',
      '  subgraph outside_mesh["outside the mesh"]',
      '    a_x[/"x<br/>is not there"/]',
      '  end',
      '  mesh --> a_x',
      '  mesh -->|"never taken"| a_x',
      '  classDef broken stroke:#c62828,color:#c62828,stroke-dasharray:4',
      '  class a_x broken',
      '  linkStyle 1 stroke:#c62828,color:#c62828',
    ]);
  });

  test.each([
    ['say "hi"', 'say #34;hi#34;'],
    ['<script>', '#60;script#62;'],
    ['#quot; & ;', '#35;quot#59; #38; #59;'],
    ['`**bold**` _a_ ~b~', '#96;#42;#42;bold#42;#42;#96; #95;a#95; #126;b#126;'],
    ['a]|}\\', 'a#93;#124;#125;#92;'],
    ['two\nlines\u2028\ttab', 'two lines tab'],
    ['%%{init: {}}%%', '#37;#37;#123;init#58; #123;#125;#125;#37;#37;'],
    ['90 %', '90 %'],
    ['1. list', '1#46; list'],
    ['- list', '#45; list'],
    ['größe 日本 😀', 'größe 日本 #128512;'],
  ])('escapes the label %j', (title, escaped) => {
    const lines = renderMermaid({
      namespaces: [],
      nodes: [{ id: 'mesh', kind: 'mesh', title, details: [], definedBy: [] }],
      edges: [],
    });
    expect(lines).toEqual(['flowchart LR', `  mesh(["${escaped}"])`]);
  });

  test('gives names that differ only in punctuation different ids', () => {
    const ids = ['host:a/b-c', 'host:a/b.c', 'host:a-b/c'];
    const lines = renderMermaid({
      namespaces: [],
      nodes: ids.map((id) => ({ id, kind: 'host', title: id, details: [], definedBy: [] })),
      edges: [],
    });
    expect(lines.slice(2, -1).map((line) => line.replace(/\(.*/, '').trim())).toEqual([
      'host_a_b_c',
      'host_a_b_c_2',
      'host_a_b_c_3',
    ]);
  });

  test('draws any graph as a valid flowchart', () => {
    fc.assert(
      fc.property(randomGraph(), (graph) => {
        expect(problemsOf(renderMermaid(graph))).toEqual([]);
      }),
    );
  });
});
