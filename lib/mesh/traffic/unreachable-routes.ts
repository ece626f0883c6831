import { covers } from './match-conditions';
import type { TrafficRoute } from './traffic-route';

/** The routes that no request reaches, because earlier ones take what they match; one sentence each. */
export function unreachableProblems(routes: readonly TrafficRoute[]): string[] {
  const problems: string[] = [];
  const catchAll = routes.findIndex(({ match = [] }) => match.length === 0);
  if (catchAll >= 0 && catchAll < routes.length - 1) {
    problems.push(
      `routes[${String(catchAll)}] has no match and takes every request, so routes[${String(catchAll + 1)}] is never reached: move routes[${String(catchAll)}] to the end`,
    );
  }
  routes.slice(0, catchAll < 0 ? undefined : catchAll).forEach(({ match = [] }, index) => {
    const earlier = routes.slice(0, index);
    const taking = match.map(({ conditions }) =>
      earlier.findIndex((route) => route.match?.some((wide) => covers(wide.conditions, conditions))),
    );
    if (taking.includes(-1)) return;
    const takers = [...new Set(taking)].sort((one, other) => one - other).map((taker) => `routes[${String(taker)}]`);
    problems.push(
      `routes[${String(index)}] is never reached, for all that it matches goes to ${takers.join(' and ')}: move it before ${takers[0] ?? ''}, or match less there`,
    );
  });
  return problems;
}
