import type { IConstruct } from 'constructs';
import type { AuthorizationAction } from './authorization-action';
import { matchesTokenless, requiresToken, usesToken, type AuthorizationRule } from './authorization-rule';
import { perTree } from '../per-tree';
import { covers, describeScope, overlaps, type PolicyScope } from '../policy-scope';
import { Requests } from './requests';
import type { Tokenless } from './tokenless';

/** What is used of a `JwtAuthentication`. */
export interface TokenVerifier extends IConstruct {
  readonly scope: PolicyScope;
  readonly verifies: boolean;
  readonly tokenless: Tokenless;
}

/** What is used of an `AuthorizationPolicy`. */
export interface TokenPolicy extends IConstruct {
  readonly scope: PolicyScope;
  readonly action: AuthorizationAction;
  readonly rules: readonly AuthorizationRule[] | Requests;
  readonly tokensVerifiedElsewhere: boolean;
}

/** Which workloads of an app verify tokens, and which policies need or look at tokens. */
export class TokenRequirements {
  static readonly of = perTree(() => new TokenRequirements());

  private readonly authentications: TokenVerifier[] = [];
  private readonly policies: TokenPolicy[] = [];

  /** Notes an authentication; where it leaves requests without a token to policies, synthesis looks for one. */
  addAuthentication(authentication: TokenVerifier): void {
    this.authentications.push(authentication);
    if (authentication.tokenless.decision !== 'refused by policies') return;
    authentication.node.addValidation({
      validate: () =>
        this.isRequired(authentication.scope)
          ? []
          : [
              `verifies tokens in ${describeScope(authentication.scope)}, but no AuthorizationPolicy of the app requires one there, so requests without a token are let in: ` +
                "leave out the prop tokenless, add a policy whose rules have requestPrincipals: ['*'], or write Tokenless.ALLOWED",
            ],
    });
  }

  /** Notes a policy; on synthesis, some authentication has to verify the tokens that it looks at. */
  addPolicy(policy: TokenPolicy): void {
    this.policies.push(policy);
    const { rules, scope } = policy;
    if (policy.tokensVerifiedElsewhere || typeof rules === 'string' || !rules.some(usesToken)) return;
    policy.node.addValidation({
      validate: () =>
        this.authentications.some((one) => one.verifies && overlaps(one.scope, scope))
          ? []
          : [
              `looks at tokens of requests, but no JwtAuthentication of the app verifies them in ${describeScope(scope)}: ` +
                'add one, or set the prop tokensVerifiedElsewhere',
            ],
    });
  }

  private isRequired(scope: PolicyScope): boolean {
    const policies = this.policies.filter((policy) => covers(policy.scope, scope));
    const rulesOf = (action: string): (AuthorizationRule | Requests)[] =>
      policies
        .filter((policy) => policy.action.name === action)
        .flatMap(({ rules }): readonly (AuthorizationRule | Requests)[] =>
          typeof rules === 'string' ? [rules] : rules,
        );
    const allowed = rulesOf('ALLOW');
    return (
      rulesOf('DENY').some((rule) => (typeof rule === 'string' ? rule === Requests.ALL : matchesTokenless(rule))) ||
      // Where one policy lets every request in, other ALLOW policies have no effect.
      (!allowed.includes(Requests.ALL) && allowed.some((rule) => typeof rule !== 'string' && requiresToken(rule)))
    );
  }
}
