import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { withLock } from './file-lock';
import { type ProgramSource, programSources, sourcesDirectory, sourcesHash } from './program-sources';

/** Absolute paths of the local control plane's programs. */
export interface Programs {
  /** Holds every program that was built; programs already on PATH are not in it. */
  readonly directory: string;
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly kwok: string;
  readonly kwokctl: string;
  readonly pilotDiscovery: string;
  readonly istioctl: string;
  readonly helm: string;
  readonly pulumi: string;
  readonly pulumiLanguageNodejs: string;

  /** Holds Istio's official charts: base, gateway, istio-cni, istio-control/istio-discovery and more. */
  readonly istioCharts: string;
}

export interface ProgramsOptions {
  /**
   * Receives a line whenever a build starts or ends.
   *
   * @default - nothing is told
   */
  readonly progress?: (line: string) => void;
}

/**
 * Builds the programs that are neither on PATH in the right version nor built before, into the user's cache folder.
 *
 * @throws Error when Go is missing or older than 1.26, or a build fails
 */
export async function programs(options: ProgramsOptions = {}): Promise<Programs> {
  const progress = options.progress ?? (() => undefined);
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'istio-module');
  const directory = join(cache, sourcesHash());
  const paths = new Map<string, string>();
  const missing: ProgramSource[] = [];
  for (const source of programSources) {
    const names = source.links ?? [source.name];
    const found = built(directory, names) ?? (await installed(source, names));
    if (found === undefined) {
      missing.push(source);
    } else {
      found.forEach((path, index) => paths.set(names[index] ?? source.name, path));
    }
  }
  if (missing.length > 0 || !existsSync(join(directory, 'charts'))) {
    mkdirSync(directory, { recursive: true });
    await withLock(
      `${directory}.lock`,
      () => buildAll(missing, directory, progress),
      (pid) => {
        progress(`waiting for process ${String(pid)}, which builds the local control plane's programs`);
      },
    );
  }
  const path = (name: string) => paths.get(name) ?? join(directory, name);
  return {
    directory,
    etcd: path('etcd'),
    kubeApiserver: path('kube-apiserver'),
    kubeControllerManager: path('kube-controller-manager'),
    kubeScheduler: path('kube-scheduler'),
    kwok: path('kwok'),
    kwokctl: path('kwokctl'),
    pilotDiscovery: path('pilot-discovery'),
    istioctl: path('istioctl'),
    helm: path('helm'),
    pulumi: path('pulumi'),
    pulumiLanguageNodejs: path('pulumi-language-nodejs'),
    istioCharts: join(directory, 'charts', 'charts'),
  };
}

function built(directory: string, names: readonly string[]): string[] | undefined {
  const paths = names.map((name) => join(directory, name));
  return paths.every((path) => existsSync(path)) ? paths : undefined;
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
  return (process.env['PATH'] ?? '')
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

async function buildAll(
  missing: readonly ProgramSource[],
  directory: string,
  progress: (line: string) => void,
): Promise<void> {
  // Another process may have built some of them while this one waited for the lock.
  const sources = missing.filter((source) => built(directory, source.links ?? [source.name]) === undefined);
  const charts = join(directory, 'charts');
  const total = sources.length + (existsSync(charts) ? 0 : 1);
  const started = Date.now();
  const elapsed = () => `${String(Math.round((Date.now() - started) / 1000))} s`;
  if (sources.length > 0) {
    await requireGo();
    progress(
      `building ${String(sources.length)} of the local control plane's programs into ${directory}: ` +
        'about 12 minutes on two cores the first time, nothing afterwards',
    );
  }
  for (const [index, source] of sources.entries()) {
    progress(`${String(index + 1)}/${String(total)} ${source.name} … (${elapsed()} so far)`);
    await build(source, directory);
  }
  if (!existsSync(charts)) {
    progress(`${String(total)}/${String(total)} Istio's charts … (${elapsed()} so far)`);
    const temporary = `${charts}.${String(process.pid)}`;
    await run(join(directory, 'istio-charts'), [temporary], directory);
    moveInto(temporary, charts);
  }
  progress(`all programs are there, after ${elapsed()}`);
}

async function build(source: ProgramSource, directory: string): Promise<void> {
  const variables = Object.entries(source.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const temporary = join(directory, `${source.name}.${String(process.pid)}`);
  await run(
    'go',
    ['build', '-trimpath', '-ldflags', ['-s -w', ...variables].join(' '), '-o', temporary, source.package],
    join(sourcesDirectory, source.module ?? ''),
  );
  moveInto(temporary, join(directory, source.name));
  for (const link of source.links ?? []) {
    const temporaryLink = join(directory, `${link}.${String(process.pid)}`);
    rmSync(temporaryLink, { force: true });
    symlinkSync(source.name, temporaryLink);
    moveInto(temporaryLink, join(directory, link));
  }
}

function moveInto(temporary: string, target: string): void {
  try {
    renameSync(temporary, target);
  } catch (error) {
    // A folder cannot be renamed over one that another process has just put there, with the same content.
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(target)) {
      throw error;
    }
  }
}

async function requireGo(): Promise<void> {
  const need =
    'the local control plane is built with Go 1.26 or newer: install it from https://go.dev/dl, ' +
    'see that `go version` works in this shell, and run the command again';
  let version: string;
  try {
    version = (
      await promisify(execFile)('go', ['env', 'GOVERSION'], { cwd: sourcesDirectory, env: process.env })
    ).stdout.trim();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no `go` on PATH' : String(error);
    throw new Error(`${reason}; ${need}`, { cause: error });
  }
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  // A development version of Go has no number and is newer than any release.
  if (major !== undefined && (Number(major) < 1 || (Number(major) === 1 && Number(minor) < 26))) {
    throw new Error(`\`go\` on PATH is ${version}; ${need}`);
  }
}

/** Programs without cgo, whatever the environment says, so that every machine builds the same. */
function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' };
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const collect = (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`\`${program} ${args.join(' ')}\` in ${cwd} ended with exit code ${String(code)}: ${text}`));
      }
    });
  });
}

if (require.main === module) {
  programs({ progress: (line) => process.stdout.write(`${line}\n`) }).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
