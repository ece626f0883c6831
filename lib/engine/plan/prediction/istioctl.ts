import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { StringMap } from '../../cluster/objects';
import { RestartError } from '../../restart-error';
import { isIstioVariable } from './istio-variable';
import type { SelectedInjector } from './selected-injector';

/** An istioctl that can be run. */
export interface Istioctl {
  readonly path: string;
  /** Such as `1.31.1`. */
  readonly version: string;
}

const TIMEOUT_MILLISECONDS = 120_000;
const VERSION_TIMEOUT_MILLISECONDS = 20_000;
/** Of what istioctl prints; the pods of one call are far less. */
const MOST_CHARACTERS = 2 ** 28;
const NATIVE_SIDECARS = 'ENABLE_NATIVE_SIDECARS';
/** What a process needs of the caller's environment; Windows starts none without SystemRoot. */
const NEEDED = ['PATH', 'TMPDIR', 'LANG', 'SystemRoot'];
const ANOTHER = 'name another with --istioctl or the environment variable ISTIOCTL';

/**
 * The istioctl at the path; without one, that of the environment variable ISTIOCTL, else the one on the PATH.
 *
 * @returns undefined when none is named and none is on the PATH
 * @throws RestartError `InvalidOption` for one that cannot be used, named or not; `Aborted`
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
    throw refuse('"istioctl version" does not tell the version');
  }
  return { path, version };
}

/** Where it is, for messages: a name without a directory is looked up. */
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

/** What pods are injected with, and how istiod's process would have it. */
export interface OfflineConfiguration extends SelectedInjector {
  /** Whether the cluster's nodes let the proxy be an init container that keeps running. */
  readonly nativeSidecars: boolean;
}

/** What istioctl has made of the pods, or why it has made nothing of them. */
export type OfflineInjection = { readonly documents: readonly string[] } | { readonly refused: string };

/**
 * Istio's own code injects the pods, without a cluster.
 *
 * @returns the pods as YAML texts, in the order in which they came
 * @throws RestartError `UnexpectedAnswer` when istioctl cannot be started, or does not end in time; `Aborted`
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
        // Templates may read istiod's own environment, and so do parts of Istio's code.
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

/** A directory that nobody else can read, for as long as the work takes. */
async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  let directory: string;
  try {
    directory = await mkdtemp(join(tmpdir(), 'istio-module-'));
  } catch (cause) {
    throw new RestartError('UnexpectedAnswer', `There is no place for istioctl's files: ${(cause as Error).message}`, {
      remedy: 'let the environment variable TMPDIR name a directory that can be written to',
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

/** What the webhook's URL says of cluster and network wins over the values. */
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
 * Istio's own variables as istiod has them, and what a process needs. Its home is the directory, where nobody has put a
 * configuration for it, and no kubeconfig leads it to a cluster.
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
  /** What has killed it. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(path: string, args: readonly string[], options: RunOptions): Promise<Output> {
  const { env, input = '', signal, milliseconds } = options;
  const late = AbortSignal.timeout(milliseconds);
  const stop = signal ? AbortSignal.any([signal, late]) : late;
  // A group of its own, so that what it starts ends with it.
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
            ? new RestartError('Aborted', 'Stopped on request', { remedy: 'run again to go on where this left off' })
            : new Error(`it did not end within ${String(milliseconds / 1000)} s`),
        );
      };
      stop.addEventListener('abort', onStop, { once: true });
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          texts[name] += text;
          if (texts[name].length > MOST_CHARACTERS) {
            fail(new Error('it printed more than any number of pods'));
          }
        });
      }
      child.on('error', reject);
      child.once('close', (code, killed) => {
        resolve({ code, signal: killed, ...texts });
      });
      // One that ends early does not read to the end.
      child.stdin.on('error', () => undefined).end(input);
      if (stop.aborted) {
        onStop();
      }
    });
  } finally {
    // What it has started may outlive it, and hold these open.
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
    // All of the group has ended.
  }
  child.kill('SIGKILL');
}

/** The line that says what went wrong, else the first one. */
function firstLine({ code, signal, stderr }: Output): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const found = lines.find((line) => line.startsWith('Error: ')) ?? lines.find((line) => line !== '');
  const end = signal ? `it was killed by ${signal}` : `exit code ${String(code)}`;
  return found?.replace(/^Error: /, '') ?? `${end}, and no message`;
}
