import { ApiFailure } from './api-failure';
import type { Answer } from './collect-answer';

/** The fields of `metav1.Status` that are read. */
export interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/**
 * The failure that an answer contains.
 *
 * @param request for example `GET /api/v1/pods`
 */
export function failureIn({ status, body }: Pick<Answer, 'status' | 'body'>, request: string): ApiFailure {
  try {
    const { reason = '', message = body, details } = JSON.parse(body) as Status;
    return new ApiFailure(status, reason, message, request, Array.isArray(details?.causes) ? details.causes : []);
  } catch {
    return new ApiFailure(status, '', body.trim() || `HTTP status ${String(status)}`, request);
  }
}
