import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from '../../../bundled-libraries/yaml';
import type { StringMap } from '../../cluster/objects';
import { RestartError } from '../../restart-error';
import { isIstioVariable } from './istio-variable';
import type { SelectedInjector } from './selected-injector';

/** An istioctl executable. */
export interface Istioctl {
  readonly path: string;
  /** For example `1.31.1`. */
  readonly version: string;
}

const TIMEOUT_MILLISECONDS = 120_000;
const VERSION_TIMEOUT_MILLISECONDS = 20_000;
/** The maximum output of istioctl. The pods of one call are far smaller. */
const MOST_CHARACTERS = 2 ** 28;
const NATIVE_SIDECARS = 'ENABLE_NATIVE_SIDECARS';
/** Environment variables of the caller that a process needs. Windows starts no process without SystemRoot. */
const NEEDED = ['PATH', 'TMPDIR', 'LANG', 'SystemRoot'];
const ANOTHER = 'pass another one with --istioctl or the environment variable ISTIOCTL';

/**
 * The istioctl at the path; by default, the one in the environment variable ISTIOCTL, otherwise the one on the PATH.
 *
 * @returns undefined if no path is specified and istioctl is not on the PATH
 * @throws RestartError `InvalidOption` if istioctl cannot be used; `Aborted`
 */
export async function findIstioctl(named?: string, signal?: AbortSignal): Promise<Istioctl | undefined> {
  const chosen = named ?? (process.env.ISTIOCTL || undefined);
  const path = chosen ?? 'istioctl';
  const refuse = (why: string, cause?: unknown) =>
    new RestartError('InvalidOption', `istioctl ${placeOf(path)} cannot be used: ${why}`, { remedy: ANOTHER, cause });
  let output: Output;
  try {
    output = await inDirectory((directory) =>
      run(path, ['version', '--remote=false', '-o', 'json'], {
        env: environment({}, directory),
        signal,
        milliseconds: VERSION_TIMEOUT_MILLISECONDS,
      }),
    );
  } catch (error) {
    if (chosen === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error instanceof RestartError ? error : refuse((error as Error).message, error);
  }
  if (output.code !== 0) {
    throw refuse(`"istioctl version" failed: ${firstLine(output)}`);
  }
  const version = clientVersion(output.stdout);
  if (!version) {
    throw refuse('"istioctl version" does not print a version');
  }
  return { path, version };
}

/** The location of istioctl, for messages. A name without a directory is looked up on the PATH. */
export function placeOf(path: string): string {
  return /[/\\]/.test(path) ? `at ${path}` : 'on the PATH';
}

function clientVersion(text: string): string | undefined {
  try {
    const { clientVersion: client } = JSON.parse(text) as { readonly clientVersion?: { readonly version?: string } };
    return client?.version?.replace(/^v/, '');
  } catch {
    return undefined;
  }
}

/** The configuration with which istioctl injects pods like istiod. */
export interface OfflineConfiguration extends SelectedInjector {
  /** Whether the injector adds native sidecars, according to its settings and the cluster's nodes. */
  readonly nativeSidecars: boolean;
}

/** The pods that istioctl has injected, or why it refused them. */
export type OfflineInjection = { readonly documents: readonly string[] } | { readonly refused: string };

/**
 * Injects pods with Istio's own code, without a cluster.
 *
 * @returns the pods as YAML, in the order of the input
 * @throws RestartError `UnexpectedAnswer` if istioctl cannot be started or does not end in time; `Aborted`
 */
export async function kubeInject(
  { path }: Istioctl,
  configuration: OfflineConfiguration,
  pods: readonly object[],
  signal?: AbortSignal,
): Promise<OfflineInjection> {
  const { revision, nativeSidecars } = configuration;
  try {
    return await inDirectory(async (directory) => {
      const file = async (name: string, text: string) => {
        await writeFile(join(directory, name), text, { mode: 0o600 });
        return join(directory, name);
      };
      const args = [
        ...['kube-inject', '--revision', revision.name, '--filename', '-'],
        ...['--injectConfigFile', await file('config', revision.config)],
        ...['--valuesFile', await file('values', valuesOf(configuration))],
        ...['--meshConfigFile', await file('mesh', revision.mesh)],
      ];
      const output = await run(path, args, {
        // Templates and parts of Istio's code may read istiod's environment.
        env: { ...environment(revision.env, directory), [NATIVE_SIDECARS]: String(nativeSidecars) },
        input: pods.map((pod) => JSON.stringify(pod)).join('\n---\n'),
        signal,
        milliseconds: TIMEOUT_MILLISECONDS,
      });
      if (output.code !== 0) {
        return { refused: firstLine(output) };
      }
      const documents = output.stdout.split(/^---\n/m).filter((document) => document.trim() !== '');
      return documents.length === pods.length
        ? { documents }
        : { refused: `it returned ${String(documents.length)} of ${String(pods.length)} pods` };
    });
  } catch (cause) {
    throw cause instanceof RestartError
      ? cause
      : new RestartError('UnexpectedAnswer', `istioctl ${placeOf(path)} cannot inject: ${(cause as Error).message}`, {
          remedy: ANOTHER,
          cause,
        });
  }
}

/** Runs work with a temporary directory that nobody else can read. */
async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  let directory: string;
  try {
    directory = await mkdtemp(join(tmpdir(), 'istio-module-'));
  } catch (cause) {
    throw new RestartError('UnexpectedAnswer', `Cannot write the files for istioctl: ${(cause as Error).message}`, {
      remedy: 'set the environment variable TMPDIR to a writable directory',
      cause,
    });
  }
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Values {
  readonly global?: { readonly multiCluster?: object; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** The cluster and network in the webhook's URL override the values. */
function valuesOf({ revision, cluster, network }: OfflineConfiguration): string {
  if (cluster === undefined && network === undefined) {
    return revision.values;
  }
  const values = (parse(revision.values) ?? {}) as Values;
  const { multiCluster = {} } = values.global ?? {};
  return JSON.stringify({
    ...values,
    global: {
      ...values.global,
      ...(cluster === undefined ? {} : { multiCluster: { ...multiCluster, clusterName: cluster } }),
      ...(network === undefined ? {} : { network }),
    },
  });
}

/**
 * Istio's own variables of istiod, and those that a process needs. The home directory is empty, so istioctl finds no
 * configuration there, and no kubeconfig of a cluster.
 */
function environment(istiod: StringMap, home: string): NodeJS.ProcessEnv {
  const ofIstio = Object.entries(istiod).filter(([name]) => isIstioVariable(name));
  const needed = NEEDED.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  return { ...Object.fromEntries([...ofIstio, ...needed]), HOME: home, KUBECONFIG: devNull };
}

interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly signal: AbortSignal | undefined;
  readonly milliseconds: number;
}

interface Output {
  readonly code: number | null;
  /** The signal that ended the process. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(path: string, args: readonly string[], options: RunOptions): Promise<Output> {
  const { env, input = '', signal, milliseconds } = options;
  const late = AbortSignal.timeout(milliseconds);
  const stop = signal ? AbortSignal.any([signal, late]) : late;
  // Uses a separate process group, so that killing it also ends child processes.
  const isGroup = process.platform !== 'win32';
  const child = spawn(path, args, { env, stdio: 'pipe', detached: isGroup });
  const texts = { stdout: '', stderr: '' };
  try {
    return await new Promise<Output>((resolve, reject) => {
      const fail = (reason: Error) => {
        killAll(child, isGroup);
        reject(reason);
      };
      const onStop = () => {
        fail(
          signal?.aborted
            ? new RestartError('Aborted', 'Stopped on request', { remedy: 'run again to continue' })
            : new Error(`it did not end within ${String(milliseconds / 1000)} s`),
        );
      };
      stop.addEventListener('abort', onStop, { once: true });
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          texts[name] += text;
          if (texts[name].length > MOST_CHARACTERS) {
            fail(new Error('it printed too much'));
          }
        });
      }
      child.on('error', reject);
      child.once('close', (code, killed) => {
        resolve({ code, signal: killed, ...texts });
      });
      // A process that ends early does not read all of its input.
      child.stdin.on('error', () => undefined).end(input);
      if (stop.aborted) {
        onStop();
      }
    });
  } finally {
    // Child processes may outlive it and keep the pipes open: on Windows, or if they have left the group.
    child.stdout.destroy();
    child.stderr.destroy();
    child.stdin.destroy();
  }
}

function killAll(child: ChildProcess, isGroup: boolean): void {
  try {
    if (isGroup && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL');
      return;
    }
  } catch {
    // The whole group has ended.
  }
  child.kill('SIGKILL');
}

/** The line with the error, otherwise the first line. */
function firstLine({ code, signal, stderr }: Output): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const found = lines.find((line) => line.startsWith('Error: ')) ?? lines.find((line) => line !== '');
  const end = signal ? `it was killed by ${signal}` : `exit code ${String(code)}`;
  return found?.replace(/^Error: /, '') ?? `${end}, without a message`;
}
