import type { Condition } from './condition';
import {
  operationProblems,
  operationWarnings,
  renderOperation,
  type AuthorizationOperation,
} from './authorization-operation';
import { renderSource, sourceProblems, sourceWarnings, type AuthorizationSource } from './authorization-source';
import type { AuthorizationAction } from './authorization-action';

/**
 * A rule that matches requests from one of the sources, to one of the operations, that satisfy all conditions.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule
 */
export interface AuthorizationRule {
  /**
   * Alternative sources of a request.
   *
   * @default - any source
   */
  readonly from?: readonly AuthorizationSource[];

  /**
   * Alternative targets of a request.
   *
   * @default - any target
   */
  readonly to?: readonly AuthorizationOperation[];

  /**
   * Additional conditions, all of which must hold.
   *
   * @default - none
   */
  readonly when?: readonly Condition[];
}

/** A rule as an entry of an AuthorizationPolicy's `rules`. */
export function renderAuthorizationRule({ from, to, when }: AuthorizationRule): Readonly<Record<string, unknown>> {
  return {
    ...(from ? { from: from.map((source) => ({ source: renderSource(source) })) } : {}),
    ...(to ? { to: to.map((operation) => ({ operation: renderOperation(operation) })) } : {}),
    ...(when ? { when: when.map((condition) => condition.render()) } : {}),
  };
}

/** Whether a rule uses the request's token. */
export function usesToken({ from = [], when = [] }: AuthorizationRule): boolean {
  return (
    when.some((condition) => condition.ofToken) ||
    from.some(({ requestPrincipals, notRequestPrincipals }) => requestPrincipals ?? notRequestPrincipals)
  );
}

/** Whether a request needs a token to match a rule. */
export function requiresToken({ from = [], when = [] }: AuthorizationRule): boolean {
  return (
    when.some((condition) => condition.requiresToken) ||
    (from.length > 0 && from.every(({ requestPrincipals }) => requestPrincipals))
  );
}

/** Whether a rule has no conditions, and a source that matches exactly the requests without a token. */
export function matchesTokenless({ from = [], when = [] }: AuthorizationRule): boolean {
  return (
    when.length === 0 &&
    from.some((source) => {
      const given = Object.entries(source).filter(([, value]) => value !== undefined);
      return given.length === 1 && source.notRequestPrincipals?.includes('*');
    })
  );
}

// The limit in Istio's CustomResourceDefinition.
const MAX_LENGTH = 512;
const SPREAD = `write at most ${String(MAX_LENGTH)} in each of several`;

/** The problems with a list of rules of a policy, one sentence each. */
export function authorizationRuleProblems(rules: readonly AuthorizationRule[], action: AuthorizationAction): string[] {
  const tooMany = rules.length > MAX_LENGTH ? [`rules has ${String(rules.length)} entries: ${SPREAD} policies`] : [];
  const wrong = rules.flatMap((rule, index) => {
    const { from, to, when } = rule;
    const found: string[] = [];
    if ((from ?? to ?? when) === undefined) {
      found.push(' is empty and matches every request: write rules: Requests.ALL if that is intended, or a condition');
    }
    for (const [prop, list] of Object.entries({ from, to, when })) {
      if (list?.length === 0) found.push(`.${prop} is empty: name at least one, or leave it out to match any`);
      if (prop === 'from' && list && list.length > MAX_LENGTH) {
        found.push(`.from has ${String(list.length)} entries: ${SPREAD} rules`);
      }
    }
    from?.forEach((source, at) => {
      found.push(...sourceProblems(source, action).map((problem) => `.from[${String(at)}]${problem}`));
    });
    to?.forEach((operation, at) => {
      found.push(
        ...operationProblems(operation, "leave out the prop 'to'").map((problem) => `.to[${String(at)}]${problem}`),
      );
    });
    when?.forEach((condition, at) => {
      found.push(...condition.problems().map((problem) => `.when[${String(at)}]: ${problem}`));
      if ((condition.ofToken || condition.ofIdentity) && action.name === 'CUSTOM') {
        found.push(`.when[${String(at)}]: ${condition.key} is not supported with CUSTOM: let the provider check it`);
      }
    });
    return found.map((problem) => `rules[${String(index)}]${problem}`);
  });
  return [...tooMany, ...wrong];
}

/** Likely mistakes in a list of rules of a policy, one sentence each. */
export function authorizationRuleWarnings(rules: readonly AuthorizationRule[], action: AuthorizationAction): string[] {
  return rules.flatMap((rule, index) => {
    const { from = [], to = [] } = rule;
    return [
      ...from.flatMap((source, at) => sourceWarnings(source).map((warning) => `.from[${String(at)}]${warning}`)),
      ...to.flatMap((operation, at) => operationWarnings(operation).map((warning) => `.to[${String(at)}]${warning}`)),
      ...(action.name === 'ALLOW' && excludesByTokenAlone(rule)
        ? [
            " excludes tokens but requires none, so requests without a token match: add requestPrincipals: ['*'] to each source",
          ]
        : []),
    ].map((warning) => `rules[${String(index)}]${warning}`);
  });
}

/**
 * Whether a rule excludes certain tokens but matches requests without a token. Sources that match only requests without
 * a token do not count.
 */
function excludesByTokenAlone(rule: AuthorizationRule): boolean {
  return (
    usesToken(rule) &&
    !requiresToken(rule) &&
    ((rule.when ?? []).some((condition) => condition.ofToken) ||
      (rule.from ?? []).some(
        ({ requestPrincipals, notRequestPrincipals }) =>
          !requestPrincipals && notRequestPrincipals && !notRequestPrincipals.includes('*'),
      ))
  );
}
