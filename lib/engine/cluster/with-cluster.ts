import { setMaxListeners } from 'node:events';
import { forbidden } from './forbidden';
import { KubernetesApi, type ApiOptions } from './api';
import { onAbort } from './on-abort';
import { ApiFailure } from './api-failure';
import { RestartError } from '../restart-error';

/**
 * Opens a connection for the work and closes it afterwards. Converts unexpected errors of the cluster to errors with a
 * code and a remedy.
 *
 * @param access what grants the required permissions, as a clause; by default, the clause for a restart
 */
export async function withCluster<T>(
  options: ApiOptions,
  work: (api: KubernetesApi) => Promise<T>,
  access?: string,
): Promise<T> {
  const { signal } = options;
  const ending = new AbortController();
  // Each request adds a listener to its signal, and Node warns about many listeners of one signal. Requests therefore
  // get a signal for which this warning is off, instead of the caller's own.
  setMaxListeners(0, ending.signal);
  const release = onAbort(signal, () => {
    ending.abort(signal?.reason);
  });
  try {
    return await withApi(await KubernetesApi.open({ ...options, signal: ending.signal }), work);
  } catch (error) {
    throw error instanceof ApiFailure ? refused(error, access) : error;
  } finally {
    release();
  }
}

async function withApi<T>(api: KubernetesApi, work: (api: KubernetesApi) => Promise<T>): Promise<T> {
  try {
    return await work(api);
  } finally {
    api.close();
  }
}

/** The error for an unexpected refusal. */
export function refused(error: ApiFailure, access?: string): RestartError {
  return error.deniedByRbac
    ? forbidden(error, access)
    : new RestartError(
        'UnexpectedAnswer',
        `The API server refuses ${error.request} with status ${String(error.answeredStatus)}: ${error.message}`,
        { remedy: "check the API server's log for the reason", cause: error },
      );
}
