import { RESTART_ACCESS } from '../cluster/forbidden';
import type { KubernetesApi } from '../cluster/api';
import { RestartError } from '../restart-error';
import type { RollOutTask } from '../rollout/roll-out';

interface AccessReview {
  readonly status?: { readonly allowed?: boolean };
}

/**
 * Asks, before the first restart, whether every restart of the round is permitted: a plan that RBAC lets through by half
 * is not begun.
 *
 * @throws RestartError `Forbidden`
 */
export async function checkPermissions(api: KubernetesApi, tasks: readonly RollOutTask[]): Promise<void> {
  const due = tasks.filter(({ action }) => action === 'restart');
  for (const owner of new Set(due.map((task) => task.owner))) {
    const [group = '', ,] = owner.apiVersion.split('/');
    const may = async (namespace: string) => {
      const review = await api.request('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        method: 'POST',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { verb: 'patch', group, resource: owner.resource, namespace } },
        },
      });
      return (review as AccessReview).status?.allowed === true;
    };
    if (await may('')) {
      continue;
    }
    for (const namespace of new Set(due.filter((task) => task.owner === owner).map((task) => task.namespace))) {
      if (!(await may(namespace))) {
        throw new RestartError(
          'Forbidden',
          `Nothing was restarted: the credentials may not patch ${owner.resource}.${group} in namespace ${namespace} (context "${api.context}")`,
          { remedy: `grant that verb, ${RESTART_ACCESS}` },
        );
      }
    }
  }
}
