import type { Impersonated } from '../kubeconfig/kubeconfig';
import { headerValue } from './header-value';

/**
 * The headers for impersonation.
 *
 * @throws Error if a value cannot be sent
 * @see https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 */
export function impersonationHeaders({ user, uid, groups, extra }: Impersonated): Record<string, string | string[]> {
  if (user === '') {
    return {};
  }
  const extras = [...extra].filter(([, values]) => values.length > 0);
  return {
    'Impersonate-User': headerValue('as', user),
    ...(uid === '' ? {} : { 'Impersonate-Uid': headerValue('as-uid', uid) }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups.map((group) => headerValue('as-groups', group)) }),
    ...Object.fromEntries(
      extras.map(([key, values]) => [
        `Impersonate-Extra-${escaped(key)}`,
        values.map((value) => headerValue('as-user-extra', value)),
      ]),
    ),
  };
}

/** Percent-encodes characters that are not allowed in the name of a header. */
function escaped(key: string): string {
  return Buffer.from(key)
    .toString('latin1')
    .replace(
      /[^!#$&'*+.^_`|~0-9A-Za-z-]/g,
      (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
}
