import type { KubernetesApi } from '../cluster/api';
import { isObjectName } from '../cluster/object-name';
import type { OwnerReference, WorkloadObject } from '../cluster/objects';
import { ownerKind, templateKind } from '../kinds/kind-of';
import { ownerPath } from '../kinds/owner-path';
import { checkedWorkload } from './checked-workload';

/** The object with the pods' template; undefined if there is none, or the engine does not read its kind. */
export async function readTemplateHolder(
  api: KubernetesApi,
  namespace: string,
  { name, ...reference }: Pick<OwnerReference, 'apiVersion' | 'kind' | 'name'>,
): Promise<WorkloadObject | undefined> {
  const kind = templateKind(ownerKind(reference));
  if (!kind || !isObjectName(name)) {
    return undefined;
  }
  const holder = await api.find<WorkloadObject>(ownerPath(kind, { namespace, name }));
  return holder && checkedWorkload(kind, holder);
}
