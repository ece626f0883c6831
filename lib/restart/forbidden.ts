import type { ApiFailure } from './kubernetes/api-failure';
import { RestartError } from './restart-error';

/** What a refusal by RBAC becomes: it names the request, and where the rules that are needed are listed. */
export function forbidden(error: ApiFailure): RestartError {
  return new RestartError('Forbidden', `The cluster refuses ${error.request}: ${error.message}`, {
    remedy: 'grant the permission in a ClusterRole, and see the README for the list that a restart needs',
    cause: error,
  });
}
