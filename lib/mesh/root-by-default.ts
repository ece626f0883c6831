import type { ApiObject } from 'cdk8s';

const objects = new WeakSet<ApiObject>();

/** Records that an object is in the root namespace only because its construct names no namespace. */
export function recordRootByDefault(object: ApiObject): void {
  objects.add(object);
}

/** Whether an object is in the root namespace only because its construct names no namespace. */
export function isInRootByDefault(object: ApiObject): boolean {
  return objects.has(object);
}
