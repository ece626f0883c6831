import { operationProblems, renderOperation, type AuthorizationOperation } from './authorization-operation';

/**
 * What happens to requests without a token if tokens are verified. By default, Istio denies only requests with an
 * invalid token, and allows requests without one.
 *
 * @see https://istio.io/latest/docs/tasks/security/authentication/authn-policy/#require-a-valid-token
 */
export class Tokenless {
  /**
   * Requests without a token are denied, and so are all connections to TCP ports of the workloads. To exclude these
   * connections, use {@link Tokenless.refusedOn}.
   */
  static readonly REFUSED = new Tokenless('refused');

  /** An {@link AuthorizationPolicy} of the app denies requests without a token. Synthesis fails if there is none. */
  static readonly REFUSED_BY_POLICIES = new Tokenless('refused by policies');

  /** Requests without a token are allowed. */
  static readonly ALLOWED = new Tokenless('allowed');

  /**
   * Requests without a token are denied if they match one of these operations, such as `{ ports: [8080], notPaths:
   * ['/healthz'], notMethods: ['OPTIONS'] }`, and allowed otherwise. Set `ports` to the HTTP ports to exclude
   * connections to TCP ports.
   */
  static refusedOn(...operations: readonly [AuthorizationOperation, ...AuthorizationOperation[]]): Tokenless {
    return new Tokenless('refused', operations);
  }

  private constructor(
    /** The decision about requests without a token. */
    readonly decision: 'refused' | 'refused by policies' | 'allowed',
    private readonly operations: readonly AuthorizationOperation[] = [],
  ) {}

  /** The specification, without the selector, of an AuthorizationPolicy that denies requests without a token. */
  render(): Readonly<Record<string, unknown>> {
    const to = this.operations.map((operation) => ({ operation: renderOperation(operation) }));
    return {
      action: 'DENY',
      rules: [{ from: [{ source: { notRequestPrincipals: ['*'] } }], ...(to.length > 0 ? { to } : {}) }],
    };
  }

  /** The problems with the operations, one sentence each. */
  problems(): string[] {
    return this.operations.flatMap((operation, index) =>
      operationProblems(operation, 'write Tokenless.REFUSED').map(
        (problem) => `tokenless: operation [${String(index)}]${problem}`,
      ),
    );
  }
}
