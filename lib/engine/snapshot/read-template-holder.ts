import type { KubernetesApi } from '../cluster/api';
import { isObjectName } from '../cluster/object-name';
import type { OwnerReference, WorkloadObject } from '../cluster/objects';
import { ownerKind, templateKind } from '../kinds/kind-of';
import { ownerPath } from '../kinds/owner-path';

/** The object that has the pods' template; undefined where there is none, or its kind is one that the engine does not read. */
export async function readTemplateHolder(
  api: KubernetesApi,
  namespace: string,
  { name, ...reference }: Pick<OwnerReference, 'apiVersion' | 'kind' | 'name'>,
): Promise<WorkloadObject | undefined> {
  const kind = templateKind(ownerKind(reference));
  return kind && isObjectName(name) ? api.find<WorkloadObject>(ownerPath(kind, { namespace, name })) : undefined;
}
