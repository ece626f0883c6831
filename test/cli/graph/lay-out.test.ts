import fc from 'fast-check';
import { heightOf, widthOf, type DrawnLine } from '../../../lib/cli/graph/drawn-lines';
import type { TrafficGraph } from '../../../lib/cli/graph/graph-model';
import { layOut, type Layout } from '../../../lib/cli/graph/lay-out';
import type { PlacedNode, Rectangle } from '../../../lib/cli/graph/place-part';
import { trafficGraph } from '../../../lib/cli/graph/traffic-graph';
import { istio, to } from './istio-objects';
import { randomGraph } from './random-graph';
import { sampleMesh } from './sample-mesh';

function overlap(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

/** Pairs that overlap. */
function overlapping(rectangles: readonly Rectangle[]): readonly (readonly Rectangle[])[] {
  return rectangles.flatMap((one, index) =>
    rectangles.slice(index + 1).flatMap((other) => (overlap(one, other) ? [[one, other]] : [])),
  );
}

/** The straight lines of an edge. */
function linesOf({ points }: Layout['edges'][number]): readonly Rectangle[] {
  return points.slice(1).map((end, index) => {
    const start = points[index] ?? end;
    return {
      x: Math.min(start.x, end.x),
      y: Math.min(start.y, end.y),
      width: Math.abs(start.x - end.x),
      height: Math.abs(start.y - end.y),
    };
  });
}

function inner({ x, y, width, height }: Rectangle): Rectangle {
  return { x: x + 0.5, y: y + 0.5, width: width - 1, height: height - 1 };
}

function contains(outer: Rectangle, { x, y, width, height }: Rectangle): boolean {
  return x >= outer.x && y >= outer.y && x + width <= outer.x + outer.width && y + height <= outer.y + outer.height;
}

function isTooSmall({ width, height }: Rectangle, lines: readonly DrawnLine[]): boolean {
  return width < widthOf(lines) || height < heightOf(lines);
}

function check({ nodes, edges, boxes, width, height }: Layout): void {
  expect(nodes.filter((node) => isTooSmall(node, node.lines))).toEqual([]);
  expect(edges.filter(({ label, lines }) => (label ? isTooSmall(label, lines) : lines.length > 0))).toEqual([]);
  const labels = edges.flatMap(({ label }) => label ?? []);
  const obstacles = [...nodes, ...labels];
  expect(overlapping(obstacles)).toEqual([]);
  expect(overlapping(boxes)).toEqual([]);
  expect(obstacles.filter((one) => !boxes.some((box) => contains(box, one)))).toEqual([]);
  expect(boxes.filter((box) => !contains({ x: 0, y: 0, width, height }, box))).toEqual([]);
  for (const { edge, points, ...rest } of edges) {
    const lines = linesOf({ edge, points, ...rest });
    expect(lines.filter((line) => line.width > 0.1 && line.height > 0.1)).toEqual([]);
    expect(lines.filter((line) => obstacles.some((one) => overlap(line, inner(one))))).toEqual([]);
    const isAt = (id: string, x: (node: PlacedNode) => number, point = points[0]) =>
      nodes.some(
        (node) =>
          node.node.id === id &&
          point !== undefined &&
          Math.abs(point.x - x(node)) < 0.1 &&
          point.y > node.y &&
          point.y < node.y + node.height,
      );
    expect(isAt(edge.from, (node) => node.x + node.width)).toBe(true);
    expect(isAt(edge.to, (node) => node.x, points.at(-1))).toBe(true);
  }
}

/**
 * A mesh with this number of namespaces, each with a host whose requests are split, and mirrored to another namespace.
 */
function wideMesh(count: number): TrafficGraph {
  const namespaces = Array.from({ length: count }, (_, index) => `team-${String(100 + index)}`);
  return trafficGraph(
    namespaces.flatMap((namespace) => [
      istio('Gateway', 'public', { servers: [{ hosts: ['*.example.com'] }] }, namespace),
      istio(
        'VirtualService',
        'web',
        {
          hosts: ['web.example.com'],
          gateways: ['public', 'mesh'],
          http: [
            {
              route: [
                { ...to('web'), weight: 90 },
                { ...to('next'), weight: 10 },
              ],
              mirror: { host: 'log.team-100.svc.cluster.local' },
            },
          ],
        },
        namespace,
      ),
    ]),
  );
}

describe('layOut', () => {
  test('puts the nodes of each namespace into its box', async () => {
    const layout = await layOut(trafficGraph(sampleMesh()));
    check(layout);
    expect(layout.boxes.map(({ title, details }) => `${title}: ${details}`)).toEqual([
      'checkout: sidecars',
      'shop: sidecars · mTLS STRICT',
    ]);
    for (const { node, ...place } of layout.nodes) {
      if (node.namespace === undefined || node.kind === 'ingress') continue;
      const box = layout.boxes.find(({ title }) => title === node.namespace);
      expect(box && contains(box, place)).toBe(true);
    }
  });

  test('draws the rules of a host in their order', async () => {
    const { edges } = await layOut(trafficGraph(sampleMesh()));
    const heights = edges
      .filter(({ edge }) => edge.from === 'host:shop/reviews')
      .map(({ points }) => points[0]?.y ?? Number.NaN);
    expect(new Set(heights).size).toBe(3);
    expect(heights).toEqual([...heights].sort((one, other) => one - other));
  });

  test('makes the picture hardly wider for more namespaces', async () => {
    const [few, many] = await Promise.all([layOut(wideMesh(2)), layOut(wideMesh(12))]);
    check(many);
    expect(many.boxes).toHaveLength(12);
    expect(many.width - few.width).toBeLessThan(300);
    expect(many.width).toBeLessThan(1200);
  });

  test('gives the same graph the same layout each time', async () => {
    const graph = trafficGraph(sampleMesh());
    expect(await layOut(graph)).toEqual(await layOut(graph));
  });

  test('lets nothing overlap, whatever the graph', async () => {
    await fc.assert(
      fc.asyncProperty(randomGraph(), async (graph) => {
        const layout = await layOut(graph);
        check(layout);
        expect(new Set(layout.nodes.map(({ node }) => node.id))).toEqual(new Set(graph.nodes.map(({ id }) => id)));
        expect(layout.edges).toHaveLength(graph.edges.length);
      }),
    );
  }, 120_000);
});
