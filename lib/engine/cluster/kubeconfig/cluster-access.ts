import { RestartError } from '../../restart-error';
import type { Cluster, Kubeconfig, User } from './kubeconfig';
import { defaultFiles, loadDefaultKubeconfig, loadGivenKubeconfig } from './load-kubeconfig';
import { serviceAccountAccess } from './service-account';
import { clusterProblems, userProblems } from './access-problems';

/** Which cluster to talk to, and with which credentials; the same three values that the Pulumi Kubernetes provider takes. */
export interface ClusterOptions {
  /**
   * Path of a kubeconfig file, or the contents of one.
   *
   * @default - the files that the environment variable KUBECONFIG names, else ~/.kube/config, else the service account of the pod this runs in
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

/** One cluster and one user of it. */
export interface ClusterAccess {
  readonly context: string;
  readonly cluster: Cluster;
  readonly user: User;
}

/** The name that stands for a context where the pod's service account is used. */
const IN_CLUSTER = 'in-cluster';

/**
 * Finds the kubeconfig, and what its context names, by the rules of kubectl; opens no connection.
 *
 * @throws RestartError `KubeconfigInvalid`
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export async function clusterAccess({ kubeconfig, context, cluster }: ClusterOptions): Promise<ClusterAccess> {
  const config = kubeconfig === undefined ? await loadDefaultKubeconfig() : await loadGivenKubeconfig(kubeconfig);
  const name = context ?? config?.currentContext ?? '';
  // With files that choose no context, kubectl goes on to the service account, too.
  const inCluster = kubeconfig === undefined && name === '' ? await serviceAccountAccess() : undefined;
  const access = inCluster
    ? { context: IN_CLUSTER, ...inCluster }
    : accessOf(config ?? refuseNothing(), name, { context, cluster });
  await refuseProblems(access);
  return access;
}

function accessOf(config: Kubeconfig, name: string, given: Pick<ClusterOptions, 'context' | 'cluster'>): ClusterAccess {
  const entry = config.contexts.get(name);
  const remedy =
    given.context === undefined ? 'pass a context, or set current-context in it' : 'correct the context in it';
  if (!entry) {
    if (name === '') {
      throw invalid('The kubeconfig has no current-context', remedy);
    }
    throw invalid(`The kubeconfig has no context "${name}"; it has ${listed(config.contexts)}.`);
  }
  const cluster = config.clusters.get(given.cluster ?? entry.cluster);
  if (!cluster && given.cluster !== undefined) {
    throw invalid(
      `The kubeconfig has no cluster "${given.cluster}"; it has ${listed(config.clusters)}`,
      'correct its name',
    );
  }
  if (!cluster) {
    throw invalid(`The kubeconfig's context "${name}" names no cluster`, remedy);
  }
  const user = config.users.get(entry.user);
  if (!user) {
    throw invalid(`The kubeconfig's context "${name}" names no user`, remedy);
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
      'write it like https://127.0.0.1:6443',
    );
  }
  const ofCluster = await clusterProblems(cluster);
  if (ofCluster.length > 0) {
    throw invalid(
      `The cluster of context "${context}" cannot be used: ${ofCluster.join('; ')}`,
      'correct it in the kubeconfig',
    );
  }
  const ofUser = await userProblems(user);
  if (ofUser.length > 0) {
    throw unusableCredentials(context, ofUser.join('; '));
  }
}

/** @param problem says what is wrong with them, and nothing of what they are */
export function unusableCredentials(context: string, problem: string, cause?: unknown): RestartError {
  return new RestartError(
    'KubeconfigInvalid',
    `The credentials of context "${context}" cannot be used: ${problem.replace(/\.$/, '')}`,
    { remedy: 'check its user in the kubeconfig', cause },
  );
}

function refuseNothing(): never {
  const { KUBECONFIG } = process.env;
  const files = KUBECONFIG
    ? `nothing is in the files that KUBECONFIG names (${defaultFiles().join(', ')})`
    : 'KUBECONFIG is not set, ~/.kube/config is not there';
  throw invalid(
    `There is no kubeconfig: ${files}, and this is no pod with a service account`,
    'pass the path or the contents of one',
  );
}

function invalid(problem: string, remedy?: string): RestartError {
  return new RestartError('KubeconfigInvalid', problem, { remedy });
}
