import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { RestartError } from '../../restart-error';
import { MalformedKubeconfig } from './fields';
import type { Kubeconfig } from './kubeconfig';
import { parseKubeconfig } from './parse-kubeconfig';

const REMEDY = 'pass the path or the contents of a valid kubeconfig';

/**
 * Reads one kubeconfig, which must exist.
 *
 * @param kubeconfig its path or its contents
 * @throws RestartError `KubeconfigInvalid`, also if it is empty
 */
export async function loadGivenKubeconfig(kubeconfig: string): Promise<Kubeconfig> {
  const isContents = /[\n{]/.test(kubeconfig);
  const source = isContents ? 'The kubeconfig that was passed in' : `The kubeconfig ${kubeconfig}`;
  // Like the Pulumi Kubernetes provider, which accepts the same values.
  const path = kubeconfig.replace(/^~(?=\/)/, homedir());
  const config = await read(source, async () =>
    isContents ? parseKubeconfig(kubeconfig) : parseKubeconfig(await readFile(path, 'utf8'), path),
  );
  if (isEmpty(config)) {
    throw unreadable(source, 'it does not contain a kubeconfig');
  }
  return config;
}

/**
 * Reads and merges the files in the environment variable KUBECONFIG, otherwise ~/.kube/config. Ignores missing files.
 *
 * @returns undefined if all of them are missing or empty
 * @throws RestartError `KubeconfigInvalid`
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 */
export async function loadDefaultKubeconfig(): Promise<Kubeconfig | undefined> {
  const configs: Kubeconfig[] = [];
  for (const file of defaultFiles()) {
    const config = await read(`The kubeconfig ${file}`, async () => {
      const text = await ifThere(readFile(file, 'utf8'));
      return text === undefined ? undefined : parseKubeconfig(text, file);
    });
    if (config) {
      configs.push(config);
    }
  }
  const merged = merge(configs);
  return isEmpty(merged) ? undefined : merged;
}

/** The files to read if no kubeconfig is passed, by precedence. */
export function defaultFiles(): readonly string[] {
  const { KUBECONFIG } = process.env;
  return KUBECONFIG
    ? [...new Set(KUBECONFIG.split(delimiter))].filter((file) => file !== '')
    : [join(homedir(), '.kube', 'config')];
}

/** The first file that sets a value takes precedence. The first file with an entry provides the whole entry. */
function merge(configs: readonly Kubeconfig[]): Kubeconfig {
  const last = configs.toReversed();
  return {
    currentContext: configs.find(({ currentContext }) => currentContext !== '')?.currentContext ?? '',
    contexts: new Map(last.flatMap(({ contexts }) => [...contexts])),
    clusters: new Map(last.flatMap(({ clusters }) => [...clusters])),
    users: new Map(last.flatMap(({ users }) => [...users])),
  };
}

function isEmpty({ currentContext, contexts, clusters, users }: Kubeconfig): boolean {
  return currentContext === '' && contexts.size + clusters.size + users.size === 0;
}

async function ifThere(text: Promise<string>): Promise<string | undefined> {
  try {
    return await text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

async function read<T>(source: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw unreadable(source, (error as Error).message, error instanceof MalformedKubeconfig ? undefined : error);
  }
}

function unreadable(source: string, problem: string, cause?: unknown): RestartError {
  return new RestartError('KubeconfigInvalid', `${source} cannot be read: ${problem}`, { remedy: REMEDY, cause });
}
