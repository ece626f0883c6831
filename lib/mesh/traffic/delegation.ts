import type { RouteSurroundings } from './destination-problems';
import { merges } from './match-conditions';
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
      `${at} delegates, but so does the policy that delegates here, and Istio follows once: write the routes here`,
    ];
  }
  if (isPolicy(delegate)) return policyProblems(at, route, delegate, own);
  return namedObjectProblems(`${at}.delegate`, delegate);
}

function policyProblems(at: string, { match = [] }: DelegateRoute, policy: DelegatePolicy, own: string): string[] {
  const who = `TrafficPolicy ${policy.node.path}`;
  if (!policy.delegated) return [`${at}.delegate is ${who}, which has hosts of its own: set its hosts to 'delegated'`];
  if (!policy.isExportedTo(own)) {
    return [`${at}.delegate is ${who}, whose exportTo leaves out namespace '${own}': add it there`];
  }
  if (match.length === 0) return [];
  return policy.routes.flatMap(({ match: inner = [] }, index) =>
    inner.every((narrow) => match.some((wide) => merges(wide.conditions, narrow.conditions)))
      ? []
      : [
          `${at}.match leaves out routes[${String(index)}] of ${who}, which matches something else: match there within ${at}.match, by the same kind of condition`,
        ],
  );
}

function isPolicy(delegate: DelegatePolicy | DelegateName): delegate is DelegatePolicy {
  return 'routes' in delegate;
}
