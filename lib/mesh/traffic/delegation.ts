import type { RouteSurroundings } from './destination-problems';
import { ignoredConditionProblem, merges } from './match-conditions';
import type { Match } from './match';
import { namedObjectProblems } from './object-reference';
import type { DelegateName, DelegatePolicy, DelegateRoute } from './traffic-route';

/** The problems with the delegation of a route, one sentence each. */
export function delegationProblems(
  at: string,
  route: DelegateRoute,
  { delegated, namespace: own }: RouteSurroundings,
): string[] {
  const { delegate } = route;
  if (delegated) {
    return [
      `${at} delegates, but another policy already delegates to this one, and Istio follows only one delegation: write the routes here`,
    ];
  }
  if (isPolicy(delegate)) return policyProblems(at, route, delegate, own);
  return namedObjectProblems(`${at}.delegate`, delegate);
}

function policyProblems(at: string, { match = [] }: DelegateRoute, policy: DelegatePolicy, own: string): string[] {
  const who = `TrafficPolicy ${policy.node.path}`;
  if (!policy.delegated) return [`${at}.delegate is ${who}, which has its own hosts: set its hosts to 'delegated'`];
  if (!policy.isExportedTo(own)) {
    return [`${at}.delegate is ${who}, which is not exported to namespace '${own}': add it to exportTo of that policy`];
  }
  if (match.length === 0) return [];
  return policy.routes.flatMap(({ match: inner = [] }, index) => {
    const route = `routes[${String(index)}] of ${who}`;
    return inner.every((narrow) => match.some((wide) => merges(wide.conditions, narrow.conditions)))
      ? mergedProblems(match, inner).map((problem) => `${at}.match, merged with the match of ${route}, ${problem}`)
      : [
          `${at}.match cannot be merged with the match of ${route}, so istiod drops that route: in it, match only requests that ${at}.match also matches, with the same kind of condition`,
        ];
  });
}

/** The problems that only arise when istiod merges the matches of two policies. */
function mergedProblems(match: readonly Match[], inner: readonly Match[]): string[] {
  const found = inner.flatMap((narrow) =>
    match
      .filter((wide) => merges(wide.conditions, narrow.conditions) && wide.problems().length === 0)
      .flatMap((wide) => ignoredConditionProblem({ ...wide.conditions, ...narrow.conditions })),
  );
  return [...new Set(found)];
}

function isPolicy(delegate: DelegatePolicy | DelegateName): delegate is DelegatePolicy {
  return 'routes' in delegate;
}
