/** `metav1.Status.reason` of a request whose time is up. */
export const TIMEOUT = 'Timeout';

/** `metav1.StatusCause.reason` where a PodDisruptionBudget refuses an eviction. */
const DISRUPTION_BUDGET = 'DisruptionBudget';
const SEVERAL_BUDGETS = /\bmore than one PodDisruptionBudget\b/;

/** What is said of a webhook, be it of admission or of the conversion between versions. */
const OF_WEBHOOK = /\b(?:calling|admission|conversion) webhook\b/;

interface FailureCause {
  readonly reason?: string;
  readonly message?: string;
}

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
    /** What `metav1.Status.details` says about it. */
    private readonly causes: readonly FailureCause[] = [],
  ) {
    super(message);
  }

  /** The API server itself is in trouble, as opposed to a webhook that refuses this very request or cannot be called for it. */
  get isOfServer(): boolean {
    return (this.status === 429 || this.status >= 500) && !OF_WEBHOOK.test(this.message) && !this.isOfBudget;
  }

  /** A PodDisruptionBudget refuses an eviction, or several that select the pod do so for good. */
  get isOfBudget(): boolean {
    return this.budgetCause !== undefined || (this.status === 500 && SEVERAL_BUDGETS.test(this.message));
  }

  /** What the PodDisruptionBudget says that refuses an eviction for now; undefined for any other failure. */
  get budgetCause(): string | undefined {
    const cause = this.causes.find(({ reason }) => reason === DISRUPTION_BUDGET);
    return this.status === 429 ? cause?.message : undefined;
  }

  /** The API server itself, not a proxy in between, has given the request up: what it waits for takes too long. */
  get isLate(): boolean {
    return this.status === 504 && this.reason === TIMEOUT;
  }

  /** RBAC said no, as opposed to an admission plugin, which answers 403 as well. */
  get deniedByRbac(): boolean {
    return this.status === 401 || (this.status === 403 && /\bcannot \w+ resource\b/.test(this.message));
  }
}
