import { apiPath } from '../cluster/api-path';
import type { WorkloadKind } from './workload-kind';

/** The API path of an object of the kind. */
export function ownerPath(
  { apiVersion, resource }: Pick<WorkloadKind, 'apiVersion' | 'resource'>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): string {
  return apiPath({ apiVersion, resource, namespace, name });
}
