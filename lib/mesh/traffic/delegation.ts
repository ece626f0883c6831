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
  return policy.routes.flatMap(({ match: inner = [] }, index) =>
    inner.every((narrow) => match.some((wide) => merges(wide.conditions, narrow.conditions)))
      ? []
      : [
          `${at}.match excludes routes[${String(index)}] of ${who}, which matches other requests: in that route, match only requests that ${at}.match also matches, with the same kind of condition`,
        ],
  );
}

function isPolicy(delegate: DelegatePolicy | DelegateName): delegate is DelegatePolicy {
  return 'routes' in delegate;
}
