/** A request that the API server answered with a failure, as its `Status` object says it. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';

  constructor(
    readonly status: number,
    /** `metav1.Status.reason`, such as `NotFound` or `Expired`; empty when the answer had no Status object. */
    readonly reason: string,
    message: string,
    /** The request, such as `GET /api/v1/pods`. */
    readonly request: string,
  ) {
    super(message);
  }

  /** The API server itself is in trouble, as opposed to a webhook that refuses this very request or cannot be called for it. */
  get isOfServer(): boolean {
    return (this.status === 429 || this.status >= 500) && !/\b(?:calling|admission) webhook\b/.test(this.message);
  }

  /** RBAC said no, as opposed to an admission plugin, which answers 403 as well. */
  get deniedByRbac(): boolean {
    return this.status === 401 || (this.status === 403 && /\bcannot \w+ resource\b/.test(this.message));
  }
}
