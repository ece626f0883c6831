import { own } from './own';

/** Whether two JSON values are equal, in any order of keys. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right) {
    return true;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => same(item, right[index]));
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return false;
  }
  return sameFields(left as Fields, right as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

// Loops instead of closures, because a plan compares hundreds of fields for each outdated workload.
function sameFields(left: Fields, right: Fields): boolean {
  for (const key of Object.keys(left)) {
    if (!same(left[key], own(right, key))) return false;
  }
  for (const key of Object.keys(right)) {
    if (right[key] !== undefined && !Object.hasOwn(left, key)) return false;
  }
  return true;
}
