import { RestartError } from '../../restart-error';
import type { Cluster, Kubeconfig, User } from './kubeconfig';
import { defaultFiles, loadDefaultKubeconfig, loadGivenKubeconfig } from './load-kubeconfig';
import { serviceAccountAccess } from './service-account';
import { clusterProblems, userProblems } from './access-problems';

/** Selects the cluster and the credentials, with the same three values as the Pulumi Kubernetes provider. */
export interface ClusterOptions {
  /**
   * Path or contents of a kubeconfig file.
   *
   * @default - the files in the environment variable KUBECONFIG, otherwise ~/.kube/config, otherwise the service
   * account of the pod
   */
  readonly kubeconfig?: string;
  /**
   * Name of the context in the kubeconfig.
   *
   * @default - the kubeconfig's current context
   */
  readonly context?: string;
  /**
   * Name of a cluster in the kubeconfig, to use with the user of the context.
   *
   * @default - the context's cluster
   */
  readonly cluster?: string;
}

/** A cluster and its user. */
export interface ClusterAccess {
  readonly context: string;
  readonly cluster: Cluster;
  readonly user: User;
}

/** The name of the context for the service account of a pod. */
const IN_CLUSTER = 'in-cluster';

/**
 * Finds the kubeconfig, and the cluster and user of its context, like kubectl. Opens no connection.
 *
 * @throws RestartError `KubeconfigInvalid`
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export async function clusterAccess({ kubeconfig, context, cluster }: ClusterOptions): Promise<ClusterAccess> {
  const config = kubeconfig === undefined ? await loadDefaultKubeconfig() : await loadGivenKubeconfig(kubeconfig);
  const name = context ?? config?.currentContext ?? '';
  // Like kubectl, uses the service account if neither the caller nor the files select a context.
  const inCluster = kubeconfig === undefined && name === '' ? await serviceAccountAccess() : undefined;
  const access = inCluster
    ? { context: IN_CLUSTER, ...inCluster }
    : accessOf(config ?? refuseNothing(context), name, { context, cluster });
  await refuseProblems(access);
  return access;
}

function accessOf(config: Kubeconfig, name: string, given: Pick<ClusterOptions, 'context' | 'cluster'>): ClusterAccess {
  const entry = config.contexts.get(name);
  const remedy = `fix the context in the kubeconfig${given.context === undefined ? ', or pass another context' : ''}`;
  if (!entry) {
    if (name === '') {
      throw invalid(
        'The kubeconfig has no current-context',
        'pass a context, or set current-context in the kubeconfig',
      );
    }
    throw invalid(`The kubeconfig has no context "${name}"; it has ${listed(config.contexts)}.`);
  }
  const cluster = config.clusters.get(given.cluster ?? entry.cluster);
  if (!cluster && given.cluster !== undefined) {
    throw invalid(
      `The kubeconfig has no cluster "${given.cluster}"; it has ${listed(config.clusters)}`,
      'fix its name',
    );
  }
  if (!cluster) {
    throw invalid(`The kubeconfig has no cluster for its context "${name}"`, remedy);
  }
  const user = config.users.get(entry.user);
  if (!user) {
    throw invalid(`The kubeconfig has no user for its context "${name}"`, remedy);
  }
  return { context: name, cluster, user };
}

function listed(entries: ReadonlyMap<string, unknown>): string {
  return [...entries.keys()].map((one) => `"${one}"`).join(', ') || 'none';
}

async function refuseProblems({ context, cluster, user }: ClusterAccess): Promise<void> {
  const { server } = cluster;
  if (!/^https?:\/\//.test(server) || !URL.canParse(server)) {
    throw invalid(
      `The server "${server}" of context "${context}" is not a URL`,
      'write a URL such as https://127.0.0.1:6443',
    );
  }
  const ofCluster = await clusterProblems(cluster);
  if (ofCluster.length > 0) {
    throw invalid(
      `The cluster of context "${context}" cannot be used: ${ofCluster.join('; ')}`,
      'fix it in the kubeconfig',
    );
  }
  const ofUser = await userProblems(user);
  if (ofUser.length > 0) {
    throw unusableCredentials(context, ofUser.join('; '));
  }
}

/** @param problem describes the problem without revealing credentials */
export function unusableCredentials(context: string, problem: string, cause?: unknown): RestartError {
  return new RestartError(
    'KubeconfigInvalid',
    `The credentials of context "${context}" cannot be used: ${problem.replace(/\.$/, '')}`,
    { remedy: 'check its user in the kubeconfig', cause },
  );
}

function refuseNothing(context: string | undefined): never {
  const { KUBECONFIG } = process.env;
  const files = KUBECONFIG
    ? `the files in KUBECONFIG (${defaultFiles().join(', ')}) are missing or empty`
    : 'KUBECONFIG is not set, ~/.kube/config is missing or empty';
  throw context === undefined
    ? invalid(
        `There is no kubeconfig: ${files}, and this process does not run in a pod with a service account`,
        'pass the path or the contents of a kubeconfig',
      )
    : invalid(
        `There is no kubeconfig with the context "${context}": ${files}`,
        'pass the path or the contents of a kubeconfig with this context',
      );
}

function invalid(problem: string, remedy?: string): RestartError {
  return new RestartError('KubeconfigInvalid', problem, { remedy });
}
