import type { ApiFailure } from './api-failure';
import { RestartError } from '../restart-error';

/** What grants all permissions for one kind of work, as a clause after the missing permission. */
export const RESTART_ACCESS = 'as a SidecarRestartAccess does (see Permissions in the README)';
export const IN_PLACE_ACCESS = 'as a SidecarRestartAccess with inPlace: true does (see Permissions in the README)';
export const EVICTION_ACCESS = 'as a SidecarRestartAccess with eviction: true does (see Permissions in the README)';
export const INSPECTION_ACCESS =
  'as a SidecarRestartAccess does, unless it has uninstall: false (see Permissions in the README)';

/** The error for a refusal by RBAC. It names the request, the missing permission, and what grants it. */
export function forbidden(error: ApiFailure, access: string = RESTART_ACCESS): RestartError {
  return new RestartError('Forbidden', `The cluster refuses ${error.request}: ${error.message}`, {
    remedy:
      error.status === 401
        ? "renew the kubeconfig's credentials, for example by logging in again"
        : `grant ${lackingPermission(error)}, ${access}`,
    cause: error,
  });
}

function lackingPermission({ lacking }: ApiFailure): string {
  return lacking === undefined ? 'that permission' : `the verb ${lacking.verb} on ${lacking.on}`;
}
