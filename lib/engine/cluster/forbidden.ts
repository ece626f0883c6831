import type { ApiFailure } from './api-failure';
import { RestartError } from '../restart-error';

/** What grants all permissions that one kind of work needs, as a clause behind the one that is lacking. */
export const RESTART_ACCESS = 'as a SidecarRestartAccess does (see Permissions in the README)';
export const IN_PLACE_ACCESS =
  'as a SidecarRestartAccess does whose prop inPlace is true (see Permissions in the README)';
export const EVICTION_ACCESS = 'as a SidecarRestartAccess with eviction: true does (see Permissions in the README)';
export const INSPECTION_ACCESS =
  'as a SidecarRestartAccess does unless its prop uninstall is false (see Permissions in the README)';

const LACKING = /\bcannot (\w+) resource "([^"]+)" in API group "([^"]*)"/;

/** What a refusal by RBAC becomes: it names the request, the permission that it takes, and what grants it. */
export function forbidden(error: ApiFailure, access: string = RESTART_ACCESS): RestartError {
  return new RestartError('Forbidden', `The cluster refuses ${error.request}: ${error.message}`, {
    remedy:
      error.status === 401
        ? "renew the kubeconfig's credentials, such as by logging in again"
        : `grant ${lackingPermission(error)}, ${access}`,
    cause: error,
  });
}

function lackingPermission({ message }: ApiFailure): string {
  const [match, verb = '', resource = '', group = ''] = LACKING.exec(message) ?? [];
  return match === undefined
    ? 'that permission'
    : `the verb ${verb} on ${group === '' ? resource : `${resource}.${group}`}`;
}
