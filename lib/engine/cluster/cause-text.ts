import { isNativeError } from 'node:util/types';

/** Why a connection failed. Errors may be of another realm, where `instanceof` does not know them. */
export function causeText(cause: unknown): string {
  if (!isNativeError(cause)) {
    return String(cause);
  }
  const [first] = 'errors' in cause && Array.isArray(cause.errors) ? (cause.errors as unknown[]) : [];
  return isNativeError(first) ? first.message : cause.message || cause.name;
}
