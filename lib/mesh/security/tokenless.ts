import { operationProblems, renderOperation, type AuthorizationOperation } from './authorization-operation';

/**
 * What becomes of requests without a token where tokens are verified. Istio by itself refuses bad tokens only, and lets
 * requests in that have none.
 *
 * @see https://istio.io/latest/docs/tasks/security/authentication/authn-policy/#require-a-valid-token
 */
export class Tokenless {
  /** They are refused. So are all connections to TCP ports of the workloads: see {@link Tokenless.refusedOn}. */
  static readonly REFUSED = new Tokenless('refused');

  /** Policies of the app's {@link AuthorizationPolicy} refuse them; synthesis fails where none does. */
  static readonly REFUSED_BY_POLICIES = new Tokenless('refused by policies');

  /** They are accepted. */
  static readonly ALLOWED = new Tokenless('allowed');

  /**
   * They are refused if they match one of these, such as
   * `{ ports: [8080], notPaths: ['/healthz'], notMethods: ['OPTIONS'] }`, and accepted otherwise. Naming the HTTP ports
   * leaves connections to TCP ports alone.
   */
  static refusedOn(...operations: readonly [AuthorizationOperation, ...AuthorizationOperation[]]): Tokenless {
    return new Tokenless('refused', operations);
  }

  private constructor(
    /** Who decides, and how. */
    readonly decision: 'refused' | 'refused by policies' | 'allowed',
    private readonly operations: readonly AuthorizationOperation[] = [],
  ) {}

  /** The specification of an AuthorizationPolicy that refuses them, without its selector. */
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
      operationProblems(operation).map((problem) => `tokenless: operation [${String(index)}]${problem}`),
    );
  }
}
