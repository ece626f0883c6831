/** `metav1.Status.reason` of a request that timed out. */
export const TIMEOUT = 'Timeout';

/** `metav1.StatusCause.reason` if a PodDisruptionBudget refuses an eviction. */
const DISRUPTION_BUDGET = 'DisruptionBudget';
const SEVERAL_BUDGETS = /\bmore than one PodDisruptionBudget\b/;

/** Matches messages about an admission webhook or a conversion webhook. */
const OF_WEBHOOK = /\b(?:calling|admission|conversion) webhook\b/;

interface FailureCause {
  readonly reason?: string;
  readonly message?: string;
}

/** A request that the API server answered with a failure, from its `Status` object. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';

  constructor(
    readonly status: number,
    /** `metav1.Status.reason`, such as `NotFound` or `Expired`; empty if the answer had no Status object. */
    readonly reason: string,
    message: string,
    /** The request, such as `GET /api/v1/pods`. */
    readonly request: string,
    /** The causes in `metav1.Status.details`. */
    private readonly causes: readonly FailureCause[] = [],
  ) {
    super(message);
  }

  /** Whether the API server itself failed, not a webhook that refuses the request or cannot be called. */
  get isOfServer(): boolean {
    return (this.status === 429 || this.status >= 500) && !OF_WEBHOOK.test(this.message) && !this.isOfBudget;
  }

  /** Whether PodDisruptionBudgets refuse an eviction, temporarily or, if several select the pod, permanently. */
  get isOfBudget(): boolean {
    return this.budgetCause !== undefined || (this.status === 500 && SEVERAL_BUDGETS.test(this.message));
  }

  /** The message of a PodDisruptionBudget that temporarily refuses an eviction; undefined for any other failure. */
  get budgetCause(): string | undefined {
    const cause = this.causes.find(({ reason }) => reason === DISRUPTION_BUDGET);
    return this.status === 429 ? cause?.message : undefined;
  }

  /** Whether the API server itself, not a proxy in between, has timed out. */
  get isLate(): boolean {
    return this.status === 504 && this.reason === TIMEOUT;
  }

  /** Whether RBAC or the authentication refused the request, not an admission plugin, which also answers 403. */
  get deniedByRbac(): boolean {
    return this.status === 401 || (this.status === 403 && /\bcannot \w+ resource\b/.test(this.message));
  }
}
