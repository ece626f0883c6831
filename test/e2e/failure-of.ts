import { RestartError } from 'istio-module/engine';

/**
 * Code and message of the RestartError that the work ends with, so that a failing comparison shows both; any other
 * result or error is returned unchanged.
 */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const outcome = await work.catch((error: unknown) => error);
  return outcome instanceof RestartError ? { code: outcome.code, message: outcome.message } : outcome;
}
