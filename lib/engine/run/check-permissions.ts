import { EVICTION_ACCESS, IN_PLACE_ACCESS, RESTART_ACCESS } from '../cluster/forbidden';
import type { KubernetesApi } from '../cluster/api';
import { EVICTION, restartPermission } from '../kinds/permission';
import { RestartError } from '../restart-error';
import type { RollOutTask } from '../rollout/roll-out-task';

interface AccessReview {
  readonly status?: { readonly allowed?: boolean };
}

/** A resource or subresource that a round patches or creates. */
interface Patched {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespaces: ReadonlySet<string>;
  /** What grants it, as a clause after the missing permission. */
  readonly access: string;
}

/**
 * Checks before the first restart that RBAC permits all restarts and updates of the round, so that no plan stops
 * halfway.
 *
 * @throws RestartError `Forbidden`
 */
export async function checkPermissions(api: KubernetesApi, tasks: readonly RollOutTask[]): Promise<void> {
  for (const { verb, group, resource, subresource, namespaces, access } of patchedBy(tasks)) {
    const may = async (namespace: string) => {
      const review = await api.request('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        method: 'POST',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { verb, group, resource, subresource, namespace } },
        },
      });
      return (review as AccessReview).status?.allowed === true;
    };
    if (await may('')) {
      continue;
    }
    const name = [subresource === undefined ? resource : `${resource}/${subresource}`, group].filter(Boolean).join('.');
    for (const namespace of namespaces) {
      if (!(await may(namespace))) {
        throw new RestartError(
          'Forbidden',
          `The credentials may not ${verb} ${name} in namespace ${namespace} (context "${api.context}")`,
          { remedy: `grant that verb, ${access}` },
        );
      }
    }
  }
}

function patchedBy(tasks: readonly RollOutTask[]): readonly Patched[] {
  const restarts = tasks.flatMap((task) => (task.action === 'restart' ? [task] : []));
  const owners = [...new Set(restarts.map(({ owner }) => owner))].map((owner): Patched => {
    const namespaces = restarts.filter((task) => task.owner === owner).map(({ namespace }) => namespace);
    return { ...restartPermission(owner), namespaces: new Set(namespaces), access: RESTART_ACCESS };
  });
  const updates = tasks.flatMap((task) => (task.action === 'update' ? [task] : []));
  const updated = (field: 'image' | 'resources') =>
    new Set(
      updates
        .filter(({ pods }) => pods.some(({ containers }) => containers.some((one) => one[field] !== undefined)))
        .map(({ namespace }) => namespace),
    );
  const pods = { verb: 'patch', group: '', resource: 'pods', access: IN_PLACE_ACCESS };
  const evicted = tasks.flatMap(({ action, namespace }) => (action === 'evict' ? [namespace] : []));
  return [
    ...owners,
    { ...EVICTION, namespaces: new Set(evicted), access: EVICTION_ACCESS },
    { ...pods, namespaces: updated('image') },
    { ...pods, subresource: 'resize', namespaces: updated('resources') },
  ].filter(({ namespaces }) => namespaces.size > 0);
}
