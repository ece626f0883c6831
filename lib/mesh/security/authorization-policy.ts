import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { AuthorizationAction } from './authorization-action';
import {
  authorizationRuleProblems,
  authorizationRuleWarnings,
  renderAuthorizationRule,
  type AuthorizationRule,
} from './authorization-rule';
import { throwProblems } from '../construct-error';
import { IstioInstallation } from '../installation/istio-installation';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { referenceProblem } from '../telemetry/extension-provider';
import { objectNameProblem } from '../object-name';
import {
  intoRootNamespace,
  renderSelector,
  scopedMetadata,
  scopeProblems,
  type TargetedPolicyScope,
} from '../policy-scope';
import { Requests } from './requests';
import { TokenRequirements } from './token-requirements';
import { warn } from '../warnings';

/** Properties of {@link AuthorizationPolicy}. */
export interface AuthorizationPolicyProps extends TargetedPolicyScope {
  /** The requests to which the policy applies: those that match one of these rules, or a predefined set. */
  readonly rules: readonly AuthorizationRule[] | Requests;

  /**
   * Action for these requests.
   *
   * @default AuthorizationAction.ALLOW
   */
  readonly action?: AuthorizationAction;

  /**
   * Whether the policy is only tested: proxies do not enforce it, but log and count what it would have decided. For
   * ALLOW and DENY.
   *
   * @default false
   * @see https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/
   */
  readonly dryRun?: boolean;

  /**
   * Whether something outside the app verifies the tokens that the rules use.
   *
   * @default false
   */
  readonly tokensVerifiedElsewhere?: boolean;

  /**
   * `metadata.name` of the object.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * Controls which requests workloads accept. It applies to the whole mesh, a namespace, some workloads, or the given
 * targets.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */
export class AuthorizationPolicy extends MeshConstruct {
  /** The workloads to which the policy applies. */
  readonly scope: TargetedPolicyScope;

  readonly action: AuthorizationAction;
  readonly rules: readonly AuthorizationRule[] | Requests;

  /** Whether something outside the app verifies the tokens that the rules use. */
  readonly tokensVerifiedElsewhere: boolean;

  /** Whether the decisions of the policy are only logged. */
  readonly isDryRun: boolean;

  /** The raw AuthorizationPolicy. */
  readonly authorizationPolicy: ApiObject;

  /**
   * @throws Error that lists all problems: rules that match nothing or implicitly everything, values that can never
   * match, fields that CUSTOM does not support, invalid labels or names. At synthesis, if the policy applies to the
   * mesh and neither the app nor the props set the root namespace, if it uses tokens that nothing verifies, or if the
   * app's IstioModule or ExistingIstio does not define the external authorizer of CUSTOM
   */
  constructor(scope: Construct, id: string, props: AuthorizationPolicyProps) {
    super(scope, id);
    const name = props.name ?? id;
    this.scope = props;
    this.action = props.action ?? AuthorizationAction.ALLOW;
    this.rules = props.rules;
    this.tokensVerifiedElsewhere = props.tokensVerifiedElsewhere ?? false;
    this.isDryRun = props.dryRun ?? false;
    throwProblems(this, [
      ...objectNameProblem(name),
      ...scopeProblems(props),
      ...this.action.problems(),
      ...(props.dryRun !== undefined && !['ALLOW', 'DENY'].includes(this.action.name)
        ? [`dryRun is only supported with ALLOW and DENY, not with ${this.action.name}: leave it out`]
        : []),
      ...this.ruleProblems(),
    ]);

    this.authorizationPolicy = new ApiObject(this, 'Default', {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: {
        ...scopedMetadata(name, props),
        ...(props.dryRun === undefined ? {} : { annotations: { 'istio.io/dry-run': String(props.dryRun) } }),
      },
      spec: { ...renderSelector(props), ...this.action.render(), ...renderRules(this.rules) },
    });
    if (typeof this.rules !== 'string') warn(this, ...authorizationRuleWarnings(this.rules, this.action));
    MeshOrder.of(this).addObjects(this);
    intoRootNamespace(this, props, this.authorizationPolicy);
    TokenRequirements.of(this).addPolicy(this);
    this.node.addValidation({ validate: () => this.unknownProvider() });
  }

  private unknownProvider(): string[] {
    const { provider } = this.action;
    if (provider === undefined) return [];
    return MeshOrder.of(this)
      .controlPlanesOf(this)
      .map(({ module }) => module)
      .filter((module) => module instanceof IstioInstallation)
      .flatMap((module) => {
        const { extensionProviders, providerRegistry, constructor, node } = module;
        const title = `${constructor.name} ${node.path}`;
        return extensionProviders
          ? referenceProblem(
              'action CUSTOM',
              provider,
              'external authorization',
              title,
              extensionProviders,
              providerRegistry,
            )
          : [];
      });
  }

  private ruleProblems(): string[] {
    const { action, rules } = this;
    if (rules === Requests.ALL) return [];
    if (rules === Requests.NONE) {
      return action.name === 'ALLOW'
        ? []
        : [`rules Requests.NONE matches no request, so ${action.name} has no effect: write rules, or Requests.ALL`];
    }
    if (rules.length > 0) return authorizationRuleProblems(rules, action);
    return [
      action.name === 'ALLOW'
        ? 'rules is empty, and ALLOW without rules allows no request: write rules: Requests.NONE if that is intended, or a rule'
        : `rules is empty, so ${action.name} has no effect: write a rule, or rules: Requests.ALL`,
    ];
  }
}

function renderRules(rules: readonly AuthorizationRule[] | Requests): Readonly<Record<string, unknown>> {
  if (rules === Requests.NONE) return {};
  return { rules: rules === Requests.ALL ? [{}] : rules.map(renderAuthorizationRule) };
}
