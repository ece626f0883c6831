import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { isBuilt } from './build-programs';
import { withLock } from './file-lock';
import { requireGo } from './go-command';
import { obtainPrograms } from './obtain-programs';
import { type ProgramSource, programSources, sourcesDirectory, sourcesHash } from './program-sources';
import { publishedFiles } from './published-programs';

/** Absolute paths of the local control plane's programs. */
export interface Programs {
  /** Holds every program that was obtained; programs already on PATH are not in it. */
  readonly directory: string;
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly kwok: string;
  readonly kwokctl: string;
  readonly pilotDiscovery: string;

  /** Exists once {@link istioctl} has obtained it, which happens before any test. */
  readonly istioctl: string;
  readonly helm: string;
  readonly pulumi: string;
  readonly pulumiLanguageNodejs: string;

  /** Pulumi's Kubernetes provider. */
  readonly pulumiResourceKubernetes: string;

  /** Holds Istio's official charts: base, gateway, istio-cni, istio-control/istio-discovery and more. */
  readonly istioCharts: string;
}

export interface ProgramsOptions {
  /**
   * Receives a line for each program that is obtained, and the progress of a build.
   *
   * @default - progress is not reported
   */
  readonly progress?: (line: string) => void;
}

const istioctlName = 'istioctl';

/**
 * Obtains the programs that are neither on PATH in the right version nor in the user's cache folder, and puts them into
 * that folder: downloads what is published and can be reached, and compiles the rest. Programs that only tests need are
 * not included.
 *
 * @throws Error when Go is missing or older than 1.26, or a build fails
 */
export async function programs(options: ProgramsOptions = {}): Promise<Programs> {
  const needed = programSources.filter(({ name }) => name !== istioctlName);
  const { directory, path } = await locatePrograms(programSources, options.progress, needed);
  return {
    directory,
    etcd: path('etcd'),
    kubeApiserver: path('kube-apiserver'),
    kubeControllerManager: path('kube-controller-manager'),
    kubeScheduler: path('kube-scheduler'),
    kwok: path('kwok'),
    kwokctl: path('kwokctl'),
    pilotDiscovery: path('pilot-discovery'),
    istioctl: path(istioctlName),
    helm: path('helm'),
    pulumi: path('pulumi'),
    pulumiLanguageNodejs: path('pulumi-language-nodejs'),
    pulumiResourceKubernetes: path('pulumi-resource-kubernetes'),
    istioCharts: join(directory, 'charts', 'charts'),
  };
}

/**
 * Obtains istioctl, into the directory of the other programs; only tests need it.
 *
 * @throws Error when Go is missing or older than 1.26, or the build fails
 */
export async function istioctl({ progress }: ProgramsOptions = {}): Promise<string> {
  const needed = programSources.filter(({ name }) => name === istioctlName);
  return (await locatePrograms(programSources, progress, needed)).path(istioctlName);
}

/**
 * Finds programs on PATH or among those obtained before, and obtains the others.
 *
 * @param sources the programs that share a directory
 * @param needed those of them that are obtained now
 * @returns the directory of what was obtained, and the path of each program by its name
 * @throws Error when Go is missing or older than 1.26, or a build fails
 */
export async function locatePrograms(
  sources: readonly ProgramSource[],
  progress: (line: string) => void = () => undefined,
  needed: readonly ProgramSource[] = sources,
): Promise<{ readonly directory: string; readonly path: (name: string) => string }> {
  const directory = join(programsCache(), sourcesHash(sources));
  const paths = new Map<string, string>();
  const missing: ProgramSource[] = [];
  for (const source of sources.filter((one) => !isBuilt(one, directory))) {
    const names = source.links ?? [source.name];
    const found = await installed(source, names);
    found?.forEach((path, index) => paths.set(names[index] ?? source.name, path));
    if (found === undefined && needed.includes(source)) {
      missing.push(source);
    }
  }
  if (missing.length > 0) {
    if (missing.some(({ name }) => publishedFiles(name) === undefined)) {
      // Go is checked for before anything is downloaded: without Go, downloads would be useless.
      await requireGo(sourcesDirectory);
    }
    mkdirSync(directory, { recursive: true });
    await withLock(
      `${directory}.lock`,
      // Another process may have built some of them while this one waited for the lock.
      () =>
        obtainPrograms(
          missing.filter((source) => !isBuilt(source, directory)),
          directory,
          progress,
        ),
      (pid) => {
        progress(`waiting for process ${String(pid)}, which obtains the local control plane's programs`);
      },
    );
  }
  return { directory, path: (name) => paths.get(name) ?? join(directory, name) };
}

/** The folder of the user's cache that holds all programs. */
export function programsCache(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'istio-module');
}

/** The programs on PATH, if each of them is there in the right version. */
async function installed(source: ProgramSource, names: readonly string[]): Promise<string[] | undefined> {
  if (source.installed === undefined) {
    return undefined;
  }
  const paths: string[] = [];
  for (const name of names) {
    const path = onPath(name);
    if (path === undefined || !source.installed.version.test(await output(path, source.installed.arguments))) {
      return undefined;
    }
    paths.push(path);
  }
  return paths;
}

function onPath(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

async function output(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { env: process.env, timeout: 10_000 })).stdout;
  } catch {
    return '';
  }
}

if (require.main === module) {
  programs({ progress: (line) => process.stdout.write(`${line}\n`) }).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
