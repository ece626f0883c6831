import { clusterAccess, type ClusterOptions } from '../cluster/kubeconfig/cluster-access';
import { RestartError } from '../restart-error';

/** Where an uninstall runs. Messages contain this for readers who do not see the command that started the uninstall. */
export interface UninstallPlace {
  /** As `project/stack`. */
  readonly stack?: string;
  /** For example `https://127.0.0.1:6443 (context east)`. */
  readonly cluster: string;
}

/** An uninstall of Istio from a cluster. */
export interface Uninstall extends ClusterOptions {
  /** The stack that is uninstalled, as `project/stack`. */
  readonly stack?: string;
}

/**
 * Runs a part of an uninstall.
 *
 * @throws RestartError the error of the work, with the stack and the cluster
 */
export async function uninstalling<T>(
  { stack, ...options }: Uninstall,
  work: (place: UninstallPlace) => Promise<T>,
): Promise<T> {
  const { cluster, context } = await clusterAccess(options);
  const server = new URL(cluster.server);
  server.username = '';
  server.password = '';
  const place = {
    ...(stack === undefined ? {} : { stack }),
    cluster: `${server.href.replace(/\/$/, '')} (context ${context})`,
  };
  try {
    return await work(place);
  } catch (error) {
    throw error instanceof RestartError ? placed(error, place) : error;
  }
}

function placed(
  { code, problem, remedy, cause, done }: RestartError,
  { stack, cluster }: UninstallPlace,
): RestartError {
  const where = stack === undefined ? `Cluster ${cluster}` : `Stack ${stack}, cluster ${cluster}`;
  const what = code === 'ForeignResources' ? problem : `the uninstall of Istio stopped: ${problem}`;
  return new RestartError(code, `${where}: ${what.replace(/\.$/, '')}`, {
    remedy: code === 'ForeignResources' && remedy ? remedy : `${remedy ?? 'fix this'}, and uninstall again`,
    ...{ cause, done },
  });
}
