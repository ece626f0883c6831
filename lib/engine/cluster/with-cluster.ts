import { forbidden } from './forbidden';
import { KubernetesApi, type ApiOptions } from './api';
import { ApiFailure } from './api-failure';
import { RestartError } from '../restart-error';

/**
 * Opens the connection, closes it, and gives refusals of the cluster that nobody expected a code and a remedy.
 *
 * @param access what grants the permissions that the work needs, as a clause; that of a restart unless said
 */
export async function withCluster<T>(
  options: ApiOptions,
  work: (api: KubernetesApi) => Promise<T>,
  access?: string,
): Promise<T> {
  const api = await KubernetesApi.open(options);
  try {
    return await work(api);
  } catch (error) {
    throw error instanceof ApiFailure ? refused(error, access) : error;
  } finally {
    api.close();
  }
}

/** What a refusal that nobody expected becomes. */
export function refused(error: ApiFailure, access?: string): RestartError {
  return error.deniedByRbac
    ? forbidden(error, access)
    : new RestartError(
        'UnexpectedAnswer',
        `The API server refuses ${error.request} with status ${String(error.status)}: ${error.message}`,
        { remedy: 'run again, and see its log if this lasts', cause: error },
      );
}
