import type { RestartSubjectConfiguration } from './restart-subject';

const SERVICE_ACCOUNTS = 'system:serviceaccounts:';

/** The problem with a subject that an admission policy should restrict, if any. */
export function heldSubjectProblem({ kind, name, namespace }: RestartSubjectConfiguration): string[] {
  switch (kind) {
    case 'ServiceAccount':
      return namespace ? [] : [`the ServiceAccount '${name}' has no namespace: set its metadata.namespace`];
    case 'User':
    case 'Group':
      return name.startsWith('system:') && !isOfNamespace(kind, name)
        ? [
            `admissionPolicy cannot restrict the ${kind} '${name}', because it may include Kubernetes' own components: name a ServiceAccount, or users and groups of your own`,
          ]
        : [];
    default:
      return [`admissionPolicy cannot restrict a ${kind}: name a ServiceAccount, a User or a Group`];
  }
}

/** CEL: whether one of these subjects sent a request. */
export function isBySubject(subjects: readonly RestartSubjectConfiguration[]): string {
  const users = subjects
    .filter(({ kind }) => kind !== 'Group')
    .map(({ kind, name, namespace = '' }) =>
      kind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : name,
    );
  const groups = subjects.filter(({ kind }) => kind === 'Group').map(({ name }) => name);
  return [
    ...(users.length > 0 ? [`request.userInfo.username in ${JSON.stringify(users)}`] : []),
    ...(groups.length > 0
      ? [`(has(request.userInfo.groups) && request.userInfo.groups.exists(group, group in ${JSON.stringify(groups)}))`]
      : []),
  ].join(' || ');
}

/**
 * Whether a `system:` name stands for a single service account, or for all service accounts of one namespace. The group
 * of all service accounts of `kube-system` does not count; a single one does.
 */
function isOfNamespace(kind: 'User' | 'Group', name: string): boolean {
  return kind === 'User'
    ? name.startsWith('system:serviceaccount:')
    : name.startsWith(SERVICE_ACCOUNTS) && name !== `${SERVICE_ACCOUNTS}kube-system`;
}
