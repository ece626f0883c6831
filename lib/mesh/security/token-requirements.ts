import type { IConstruct } from 'constructs';
import type { AuthorizationAction } from './authorization-action';
import { matchesTokenless, requiresToken, usesToken, type AuthorizationRule } from './authorization-rule';
import { MeshOrder } from '../mesh-order';
import { perTree } from '../per-tree';
import { covers, describeScope, effectiveScope, overlaps, type TargetedPolicyScope } from '../policy-scope';
import { Requests } from './requests';
import type { Tokenless } from './tokenless';

/** The parts of a `JwtAuthentication` that are used here. */
export interface TokenVerifier extends IConstruct {
  readonly scope: TargetedPolicyScope;
  readonly verifies: boolean;
  readonly tokenless: Tokenless;
}

/** The parts of an `AuthorizationPolicy` that are used here. */
export interface TokenPolicy extends IConstruct {
  readonly scope: TargetedPolicyScope;
  readonly action: AuthorizationAction;
  readonly rules: readonly AuthorizationRule[] | Requests;
  readonly tokensVerifiedElsewhere: boolean;
  /** Whether the decisions of the policy are only logged, so that it refuses no requests. */
  readonly isDryRun: boolean;
}

/** Tracks which workloads of an app verify tokens, and which policies require or use tokens. */
export class TokenRequirements {
  static readonly of = perTree((root) => new TokenRequirements(root));

  private readonly authentications: TokenVerifier[] = [];
  private readonly policies: TokenPolicy[] = [];
  private readonly scopes = new Map<IConstruct, TargetedPolicyScope>();

  private constructor(root: IConstruct) {
    // The app's control planes may have changed since the last validation. cdk8s validates the root first, so this
    // clears the scopes before other validations use them.
    root.node.addValidation({
      validate: () => {
        this.scopes.clear();
        return [];
      },
    });
  }

  /**
   * Registers an authentication. If it leaves requests without a token to policies, synthesis checks that one requires
   * a token.
   */
  addAuthentication(authentication: TokenVerifier): void {
    this.authentications.push(authentication);
    if (authentication.tokenless.decision !== 'refused by policies') return;
    authentication.node.addValidation({
      validate: () => {
        const scope = this.scopeOf(authentication);
        return this.isRequired(scope)
          ? []
          : [
              `verifies tokens in ${describeScope(scope)}, but no AuthorizationPolicy of the app requires one there, so requests without a token are allowed: ` +
                "leave out the prop tokenless, add a policy whose rules have requestPrincipals: ['*'], or write Tokenless.ALLOWED",
            ];
      },
    });
  }

  /** Registers a policy. At synthesis, an authentication must verify the tokens that the policy uses. */
  addPolicy(policy: TokenPolicy): void {
    this.policies.push(policy);
    const { rules } = policy;
    if (policy.tokensVerifiedElsewhere || typeof rules === 'string' || !rules.some(usesToken)) return;
    policy.node.addValidation({
      validate: () => {
        const scope = this.scopeOf(policy);
        return this.authentications.some((one) => one.verifies && overlaps(this.scopeOf(one), scope))
          ? []
          : [
              `uses tokens of requests, but no JwtAuthentication of the app verifies them in ${describeScope(scope)}: ` +
                'add one, or set the prop tokensVerifiedElsewhere',
            ];
      },
    });
  }

  private isRequired(scope: TargetedPolicyScope): boolean {
    const policies = this.policies.filter((policy) => !policy.isDryRun && covers(this.scopeOf(policy), scope));
    const rulesOf = (action: string): (AuthorizationRule | Requests)[] =>
      policies
        .filter((policy) => policy.action.name === action)
        .flatMap(({ rules }): readonly (AuthorizationRule | Requests)[] =>
          typeof rules === 'string' ? [rules] : rules,
        );
    const allowed = rulesOf('ALLOW');
    return (
      rulesOf('DENY').some((rule) => (typeof rule === 'string' ? rule === Requests.ALL : matchesTokenless(rule))) ||
      // If one policy allows every request, other ALLOW policies have no effect.
      (!allowed.includes(Requests.ALL) && allowed.some((rule) => typeof rule !== 'string' && requiresToken(rule)))
    );
  }

  /** The workloads to which a construct applies in the mesh of the app. */
  private scopeOf(construct: TokenVerifier | TokenPolicy): TargetedPolicyScope {
    const known = this.scopes.get(construct);
    if (known) return known;
    const [controlPlane] = MeshOrder.of(construct).controlPlanesOf(construct);
    const scope = effectiveScope(construct.scope, controlPlane?.rootNamespace);
    this.scopes.set(construct, scope);
    return scope;
  }
}
