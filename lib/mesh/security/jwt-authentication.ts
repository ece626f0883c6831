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
   * What happens to requests without a token.
   *
   * @default Tokenless.REFUSED
   */
  readonly tokenless?: Tokenless;

  /**
   * `metadata.name` of the RequestAuthentication; the name of the AuthorizationPolicy has the suffix `-require-token`.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * Makes workloads verify the JSON Web Tokens of requests and, by default, deny requests without a token. It applies to
 * the whole mesh, a namespace, some workloads, or the given targets.
 *
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/
 */
export class JwtAuthentication extends MeshConstruct {
  /** Whether the construct verifies any tokens. */
  readonly verifies: boolean;

  /** The workloads to which the construct applies. */
  readonly scope: TargetedPolicyScope;

  /** What happens to requests without a token. */
  readonly tokenless: Tokenless;

  /** The raw RequestAuthentication. */
  readonly requestAuthentication: ApiObject;

  /** The raw AuthorizationPolicy that denies requests without a token, if there is one. */
  readonly authorizationPolicy?: ApiObject;

  /**
   * @throws Error that lists all problems: invalid issuers, keys, locations, headers, labels or names. At synthesis, if
   * the construct applies to the mesh and neither the app nor the props set the root namespace, or if `tokenless`
   * leaves the refusal to policies and none requires the token
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
      // Without verification, every request counts as a request without a token.
      this.authorizationPolicy.addDependency(this.requestAuthentication);
      objects.push(this.authorizationPolicy);
    }
    if (props.jwtRules.length === 0) {
      warn(
        this,
        'jwtRules is empty, so no token is verified: name at least one issuer, or leave out the JwtAuthentication',
      );
    }
    MeshOrder.of(this).addObjects(this);
    intoRootNamespace(this, props, ...objects);
    TokenRequirements.of(this).addAuthentication(this);
  }
}

/** The problem with a name that is too long for the policy beside the RequestAuthentication, if any. */
function lengthProblem(name: string): string[] {
  const most = MAX_NAME - REQUIREMENT.length;
  return name.length <= most || name.length > MAX_NAME
    ? []
    : [`'${name}' is too long for the suffix '${REQUIREMENT}': write at most ${String(most)} characters`];
}
