interface Point {
  readonly x: number;
  readonly y: number;
}

const RADIUS = 6;

/** A line with round bends, as the `d` of an SVG path. Where lines meet, the bends show how each line continues. */
export function linePath(points: readonly Point[]): string {
  return points
    .map((bend, index) => {
      const [before, after] = [points[index - 1], points[index + 1]];
      if (!before) return `M${text(bend)}`;
      if (!after) return `L${text(bend)}`;
      const radius = Math.min(RADIUS, distance(before, bend) / 2, distance(bend, after) / 2);
      return `L${text(towards(bend, before, radius))}Q${text(bend)} ${text(towards(bend, after, radius))}`;
    })
    .join('');
}

function towards(from: Point, to: Point, length: number): Point {
  const share = length / Math.max(distance(from, to), 1);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function text({ x, y }: Point): string {
  return `${String(Math.round(x * 10) / 10)},${String(Math.round(y * 10) / 10)}`;
}
