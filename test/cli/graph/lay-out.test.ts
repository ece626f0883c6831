import fc from 'fast-check';
import { layOut, type Layout, type Rectangle } from '../../../lib/cli/graph/lay-out';
import { trafficGraph } from '../../../lib/cli/graph/traffic-graph';
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

/** All places that a path passes, near enough to miss nothing. */
function pointsOf(path: string): readonly Rectangle[] {
  const points: Rectangle[] = [];
  let [x, y] = [0, 0];
  for (const [, command, rest = ''] of path.matchAll(/([MHC])([^MHC]*)/g)) {
    const numbers = rest.split(/[ ,]/).map(Number);
    const [startX, startY] = [x, y];
    const bend = command === 'C' ? numbers : undefined;
    [x = 0, y = 0] = command === 'H' ? [numbers[0], startY] : numbers.slice(-2);
    for (let step = 0; step <= 20 && command !== 'M'; step++) {
      const t = step / 20;
      const along = (index: number, from: number, to: number) => {
        const [first = from, second = to] = bend
          ? [bend[index], bend[index + 2]]
          : [from + (to - from) / 3, from + ((to - from) * 2) / 3];
        return (1 - t) ** 3 * from + 3 * t * (1 - t) ** 2 * first + 3 * t ** 2 * (1 - t) * second + t ** 3 * to;
      };
      points.push({ x: along(0, startX, x), y: along(1, startY, y), width: 0, height: 0 });
    }
  }
  return points;
}

function check(layout: Layout): void {
  const { nodes, edges, boxes, width, height } = layout;
  const labels = edges.flatMap(({ label }) => label ?? []);
  expect(overlapping([...nodes, ...labels])).toEqual([]);
  expect(overlapping(boxes)).toEqual([]);
  for (const { x, y, ...size } of [...nodes, ...labels, ...boxes]) {
    expect(x >= 0 && y >= 0 && x + size.width <= width && y + size.height <= height).toBe(true);
  }
  for (const { path } of edges) {
    expect(path).toMatch(/^M[-\d.]+,[-\d.]+(?:H[-\d.]+C[-\d., ]+)+$/);
    // Lines begin and end at borders.
    const inside = pointsOf(path).filter((point) =>
      [...nodes, ...labels].some((one) =>
        overlap(point, { x: one.x + 1, y: one.y + 1, width: one.width - 2, height: one.height - 2 }),
      ),
    );
    expect(inside).toEqual([]);
  }
}

describe('layOut', () => {
  test('of the constructs', () => {
    const layout = layOut(trafficGraph(sampleMesh()));
    check(layout);
    expect(layout.columns.map(({ title }) => title)).toEqual(['Entry', 'Host', 'Destination']);
    expect(layout.boxes.map(({ title, details }) => `${title}: ${details}`)).toEqual([
      'checkout: sidecars',
      'shop: sidecars · mTLS STRICT',
      'outside the mesh: ',
    ]);
    for (const { node, x, y, width, height } of layout.nodes) {
      if (node.namespace === undefined || node.kind === 'ingress') continue;
      const box = layout.boxes.find(({ title }) => title === node.namespace);
      expect(box && x > box.x && y > box.y && x + width < box.x + box.width && y + height < box.y + box.height).toBe(
        true,
      );
    }
  });

  test('rules leave their host in their order', () => {
    const { edges } = layOut(trafficGraph(sampleMesh()));
    const heights = edges
      .filter(({ edge }) => edge.from === 'host:shop/reviews')
      .map(({ path }) => Number(/^M[\d.]+,([\d.]+)/.exec(path)?.[1]));
    expect(heights).toHaveLength(3);
    expect(heights).toEqual([...heights].sort((one, other) => one - other));
  });

  test('is the same each time', () => {
    const graph = trafficGraph(sampleMesh());
    expect(layOut(graph)).toEqual(layOut(graph));
  });

  test('nothing covers anything, whatever the graph', () => {
    fc.assert(
      fc.property(randomGraph(), (graph) => {
        const layout = layOut(graph);
        check(layout);
        expect(layout.nodes).toHaveLength(graph.nodes.length);
        expect(layout.edges).toHaveLength(graph.edges.length);
      }),
    );
  });
});
