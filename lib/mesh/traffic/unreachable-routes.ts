interface Matching<M> {
  readonly match?: readonly M[];
}

/**
 * The routes of a prop that are never reached because earlier routes match the same requests, one sentence each.
 * `covers` returns whether the first match includes the second.
 */
export function unreachableProblems<M>(
  prop: string,
  routes: readonly Matching<M>[],
  covers: (wide: M, narrow: M) => boolean,
): string[] {
  const problems: string[] = [];
  const place = (index: number) => `${prop}[${String(index)}]`;
  const catchAll = routes.findIndex(({ match = [] }) => match.length === 0);
  if (catchAll >= 0 && catchAll < routes.length - 1) {
    problems.push(
      `${place(catchAll)} has no match and therefore matches every ${prop === 'routes' ? 'request' : 'connection'}, so ${place(catchAll + 1)} is never reached: move ${place(catchAll)} to the end`,
    );
  }
  routes.slice(0, catchAll < 0 ? undefined : catchAll).forEach(({ match = [] }, index) => {
    const earlier = routes.slice(0, index);
    const taking = match.map((narrow) =>
      earlier.findIndex((route) => route.match?.some((wide) => covers(wide, narrow))),
    );
    if (taking.includes(-1)) return;
    const takers = [...new Set(taking)].sort((one, other) => one - other).map(place);
    problems.push(
      `${place(index)} is never reached, because everything that it matches already goes to ${takers.join(' and ')}: move it before ${takers[0] ?? ''}, or match less there`,
    );
  });
  return problems;
}
