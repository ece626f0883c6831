import { ApiFailure, type FailureCause } from './api-failure';
import type { Answer } from './collect-answer';

/** The fields of `metav1.Status` that are read. */
export interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly FailureCause[] };
}

/** A denial by an admission webhook, whose author also chooses the status and the causes. */
const BY_WEBHOOK = /^admission webhook "/;
/**
 * A refusal by a plugin or a policy. A ValidatingAdmissionPolicy may answer with status 401. A refusal by the
 * authorization of the API server begins in the same way, and is excluded by `User` after the colon.
 */
const BY_PLUGIN = /^\S+ "(?:[^"\\]|\\.)*" is forbidden: (?!User ")/;

/**
 * The failure that an answer contains. The failure of a refusal by admission always has status 403, whatever the status
 * of the answer is. Otherwise, a policy that answers with 401 or 404 would look like invalid credentials or a missing
 * object.
 *
 * @param request for example `GET /api/v1/pods`
 */
export function failureIn({ status, body }: Pick<Answer, 'status' | 'body'>, request: string): ApiFailure {
  try {
    const { reason = '', message = body, details } = JSON.parse(body) as Status;
    const isOfWebhook = BY_WEBHOOK.test(message);
    const causes = !isOfWebhook && Array.isArray(details?.causes) ? details.causes : [];
    return isOfWebhook || BY_PLUGIN.test(message)
      ? new ApiFailure(403, reason, message, request, causes, status)
      : new ApiFailure(status, reason, message, request, causes);
  } catch {
    return new ApiFailure(status, '', body.trim() || `HTTP status ${String(status)}`, request);
  }
}
