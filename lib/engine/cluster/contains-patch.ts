import { isDeepStrictEqual } from 'node:util';
import { isObject } from './is-object';

/** Whether a merge patch would change nothing, because the object already contains it. */
export function containsPatch(object: unknown, patch: unknown): boolean {
  if (!isObject(patch) || !isObject(object)) {
    return isDeepStrictEqual(object, patch);
  }
  return Object.entries(patch).every(([key, value]) => containsPatch(object[key], value));
}
