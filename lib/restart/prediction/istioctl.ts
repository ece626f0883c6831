import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { StringMap } from '../kubernetes/objects';
import { RestartError } from '../restart-error';
import type { SelectedInjector } from './selected-injector';

/** An istioctl that can be run. */
export interface Istioctl {
  readonly path: string;
  /** Such as `1.31.1`. */
  readonly version: string;
}

const TIMEOUT_MILLISECONDS = 120_000;
const VERSION_TIMEOUT_MILLISECONDS = 20_000;
const NATIVE_SIDECARS = 'ENABLE_NATIVE_SIDECARS';

/**
 * The istioctl at the path; without one, that of the environment variable ISTIOCTL, else the one on the PATH.
 *
 * @returns undefined when none is named and none is on the PATH
 * @throws RestartError `InvalidOption` for one that is named and cannot be run
 */
export async function findIstioctl(named?: string, signal?: AbortSignal): Promise<Istioctl | undefined> {
  const chosen = named ?? (process.env.ISTIOCTL || undefined);
  const path = chosen ?? 'istioctl';
  const refuse = (why: string, cause?: unknown) =>
    new RestartError('InvalidOption', `istioctl at ${path} cannot be used: ${why}`, {
      remedy: 'name another with --istioctl or the environment variable ISTIOCTL',
      cause,
    });
  let output: Output;
  try {
    output = await run(path, ['version', '--remote=false', '-o', 'json'], {
      env: environment({}),
      signal,
      milliseconds: VERSION_TIMEOUT_MILLISECONDS,
    });
  } catch (error) {
    if (chosen === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error instanceof RestartError ? error : refuse((error as Error).message, error);
  }
  const version = output.code === 0 ? clientVersion(output.stdout) : undefined;
  if (version === undefined) {
    throw refuse(`"istioctl version" ended with exit code ${String(output.code)}: ${firstLine(output)}`);
  }
  return { path, version };
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
  const directory = await mkdtemp(join(tmpdir(), 'istio-module-'));
  try {
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
      env: { ...environment(revision.env), [NATIVE_SIDECARS]: String(nativeSidecars) },
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
  } catch (cause) {
    throw cause instanceof RestartError
      ? cause
      : new RestartError('UnexpectedAnswer', `${path} kube-inject cannot be run: ${(cause as Error).message}`, {
          remedy: 'name another with --istioctl or the environment variable ISTIOCTL',
          cause,
        });
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

/** That of istiod, less what would lead istioctl to a cluster. */
function environment(istiod: StringMap): NodeJS.ProcessEnv {
  return { ...istiod, PATH: process.env.PATH, HOME: tmpdir(), KUBECONFIG: '/dev/null' };
}

interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly signal: AbortSignal | undefined;
  readonly milliseconds: number;
}

interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(path: string, args: readonly string[], options: RunOptions): Promise<Output> {
  const { env, input = '', signal, milliseconds } = options;
  const late = AbortSignal.timeout(milliseconds);
  const child = spawn(path, args, {
    env,
    stdio: 'pipe',
    signal: signal ? AbortSignal.any([signal, late]) : late,
    killSignal: 'SIGKILL',
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
      // One that ends early does not read to the end.
      child.stdin.on('error', () => undefined).end(input);
    });
    return { code, ...texts };
  } catch (error) {
    if (signal?.aborted) {
      throw new RestartError('Aborted', 'Stopped on request', { remedy: 'run again to go on where this left off' });
    }
    throw late.aborted ? new Error(`it did not end within ${String(milliseconds / 1000)} s`) : error;
  }
}

/** The line that says what went wrong, else the first one. */
function firstLine({ code, stderr }: Output): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const found = lines.find((line) => line.startsWith('Error: ')) ?? lines.find((line) => line !== '');
  return found?.replace(/^Error: /, '') ?? `exit code ${String(code)}, and no message`;
}
