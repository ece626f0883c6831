/** `metav1.Status.reason` of a request that timed out. */
export const TIMEOUT = 'Timeout';

/** `metav1.StatusCause.reason` if a PodDisruptionBudget refuses an eviction. */
const DISRUPTION_BUDGET = 'DisruptionBudget';
const SEVERAL_BUDGETS = /\bmore than one PodDisruptionBudget\b/;

/** Matches messages about an admission webhook or a conversion webhook. */
const OF_WEBHOOK = /\b(?:calling|admission|conversion) webhook\b/;

const NO_NAMESPACE = /^namespaces "[^"]*" not found$/;
/** `metav1.StatusCause.reason` if the namespace is being deleted. */
const NAMESPACE_TERMINATING = 'NamespaceTerminating';

/**
 * Matches a refusal by the authorization of the API server. An authorizer may append a reason to the message. The
 * pattern starts at the beginning, because messages from admission can contain any text, such as values of the refused
 * object.
 */
const UNAUTHORIZED =
  /^(?:\S+(?: "(?:[^"\\]|\\.)*")? is )?forbidden: User "(?:[^"\\]|\\.)*" cannot (\S+) (?:resource|path) "([^"]+)"(?: in API group "([^"]*)")?/;

/** A permission that the credentials do not have. */
interface LackingPermission {
  readonly verb: string;
  /** The resource with its API group, such as `deployments.apps`; the path if the request is not about a resource. */
  readonly on: string;
}

export interface FailureCause {
  readonly reason?: string;
  readonly message?: string;
}

/** A request that the API server answered with a failure, from its `Status` object. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';

  constructor(
    /** The HTTP status; for a refusal by admission, always 403: see `answeredStatus`. */
    readonly status: number,
    /** `metav1.Status.reason`, such as `NotFound` or `Expired`; empty if the answer had no Status object. */
    readonly reason: string,
    message: string,
    /** The request, such as `GET /api/v1/pods`. */
    readonly request: string,
    /** The causes in `metav1.Status.details`. */
    private readonly causes: readonly FailureCause[] = [],
    /** The HTTP status of the answer if an admission webhook, plugin or policy refused the request. */
    private readonly statusOfAdmission?: number,
  ) {
    super(message);
  }

  /** Whether an admission webhook, plugin or policy refused the request, not the API server or its authorization. */
  get isOfAdmission(): boolean {
    return this.statusOfAdmission !== undefined;
  }

  /** The HTTP status of the answer, for messages. */
  get answeredStatus(): number {
    return this.statusOfAdmission ?? this.status;
  }

  /** Whether the API server itself failed or is too busy; false if a webhook refused or could not be called. */
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

  /**
   * Whether the API server has timed out, or the client's own limit for the request has passed. False if a proxy in
   * between has timed out.
   */
  get isLate(): boolean {
    return this.status === 504 && this.reason === TIMEOUT;
  }

  /** Whether the namespace of the request does not exist, or is being deleted. */
  get isOfGoneNamespace(): boolean {
    return (
      (this.status === 404 && NO_NAMESPACE.test(this.message)) ||
      this.causes.some(({ reason }) => reason === NAMESPACE_TERMINATING)
    );
  }

  /** The permission that the authorization of the API server found missing; undefined for any other failure. */
  get lacking(): LackingPermission | undefined {
    const [match, verb = '', on = '', group = ''] = UNAUTHORIZED.exec(this.message) ?? [];
    return match === undefined || this.status !== 403 ? undefined : { verb, on: group === '' ? on : `${on}.${group}` };
  }

  /** Whether RBAC or the authentication refused the request, not an admission plugin, which also answers 403. */
  get deniedByRbac(): boolean {
    return this.status === 401 || this.lacking !== undefined;
  }
}
