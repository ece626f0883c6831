import { isDeep } from '../cluster/is-deep';

/** Istio's own objects in variables are far smaller. */
const CHARACTERS = 65_536;

/**
 * Parses the JSON objects and lists that Istio stores in environment variables. Returns other values unchanged: a text
 * that is too long or too deep is compared as text.
 */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > CHARACTERS || !/^\s*[{[]/.test(value) || isDeep(value)) {
    return value;
  }
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
