import { isNativeError } from 'node:util/types';

/** Why a connection failed. Does not use `instanceof`, because errors may be of another realm. */
export function causeText(cause: unknown): string {
  if (!isNativeError(cause)) {
    return String(cause);
  }
  const [first] = 'errors' in cause && Array.isArray(cause.errors) ? (cause.errors as unknown[]) : [];
  return isNativeError(first) ? first.message : cause.message || cause.name;
}
