import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { jwtRuleProblems, renderJwtRule, type JwtRule } from './jwt-rule';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { objectNameProblem } from '../object-name';
import {
  intoRootNamespace,
  renderSelector,
  scopedMetadata,
  scopeProblems,
  type PolicyScope,
  type TargetedPolicyScope,
} from '../policy-scope';
import { TokenRequirements } from './token-requirements';
import { Tokenless } from './tokenless';
import { warn } from '../warnings';

const REQUIREMENT = '-require-token';
const MAX_NAME = 253;

/** Properties of {@link JwtAuthentication}. */
export interface JwtAuthenticationProps extends TargetedPolicyScope {
  /** The tokens that are accepted, by issuer. */
  readonly jwtRules: readonly JwtRule[];

  /**
   * What becomes of requests without a token.
   *
   * @default Tokenless.REFUSED
   */
  readonly tokenless?: Tokenless;

  /**
   * `metadata.name` of the RequestAuthentication; the AuthorizationPolicy has `-require-token` behind it.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * Makes workloads verify the JSON Web Tokens of requests, and refuse requests that have none: all of the mesh, those of
 * a namespace, or some of them.
 *
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/
 */
export class JwtAuthentication extends MeshConstruct {
  /** Whether it verifies any tokens. */
  readonly verifies: boolean;

  /** The workloads that it is for. */
  readonly scope: PolicyScope;

  /** What becomes of requests without a token. */
  readonly tokenless: Tokenless;

  /** The raw RequestAuthentication. */
  readonly requestAuthentication: ApiObject;

  /** The raw AuthorizationPolicy that refuses requests without a token, where there is one. */
  readonly authorizationPolicy?: ApiObject;

  /**
   * @throws Error that lists all problems: issuers, keys, locations, headers, labels or names that are none; on
   * synthesis, when it covers the mesh and neither the app nor the props know the root namespace, or when policies have
   * to require the token and none does
   */
  constructor(scope: Construct, id: string, props: JwtAuthenticationProps) {
    super(scope, id);
    const name = props.name ?? id;
    this.scope = props;
    this.verifies = props.jwtRules.length > 0;
    this.tokenless = props.tokenless ?? Tokenless.REFUSED;
    throwProblems(this, [
      ...objectNameProblem(name),
      ...(this.tokenless.decision === 'refused' ? lengthProblem(name) : []),
      ...scopeProblems(props),
      ...jwtRuleProblems(props.jwtRules),
      ...this.tokenless.problems(),
    ]);

    this.requestAuthentication = new ApiObject(this, 'Default', {
      apiVersion: 'security.istio.io/v1',
      kind: 'RequestAuthentication',
      metadata: scopedMetadata(name, props),
      spec: { ...renderSelector(props), jwtRules: props.jwtRules.map(renderJwtRule) },
    });
    const objects = [this.requestAuthentication];
    if (this.tokenless.decision === 'refused') {
      this.authorizationPolicy = new ApiObject(this, 'require-token', {
        apiVersion: 'security.istio.io/v1',
        kind: 'AuthorizationPolicy',
        metadata: scopedMetadata(name + REQUIREMENT, props),
        spec: { ...renderSelector(props), ...this.tokenless.render() },
      });
      // Without the verification every request counts as one without a token.
      this.authorizationPolicy.addDependency(this.requestAuthentication);
      objects.push(this.authorizationPolicy);
    }
    if (props.jwtRules.length === 0) {
      warn(this, 'jwtRules is empty, so it verifies no token: name at least one issuer, or leave it out');
    }
    MeshOrder.of(this).addObjects(this);
    intoRootNamespace(this, props, ...objects);
    TokenRequirements.of(this).addAuthentication(this);
  }
}

/** The problem with a name that is too long for the policy beside the RequestAuthentication, or nothing. */
function lengthProblem(name: string): string[] {
  const most = MAX_NAME - REQUIREMENT.length;
  return name.length <= most || name.length > MAX_NAME
    ? []
    : [`'${name}' has no room for '${REQUIREMENT}' behind it: write at most ${String(most)} characters`];
}
