import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The Kubernetes provider that Pulumi will use, and the environment in which it finds it. */
export interface KubernetesProviderChoice {
  readonly standIn: boolean;
  /** One line for the reader of the output; none when the real provider is used. */
  readonly notice?: string;
  readonly env: NodeJS.ProcessEnv;
}

const installSeconds = 90;

/** Asked once: without internet every attempt costs seconds. */
const installations = new Map<string, Promise<string | undefined>>();

/**
 * Finds or installs the real Kubernetes provider, and takes the stand-in where neither works.
 *
 * @param env with `pulumi` on its PATH, and PULUMI_HOME
 */
export async function kubernetesProvider(env: NodeJS.ProcessEnv): Promise<KubernetesProviderChoice> {
  if (await exists('pulumi-resource-kubernetes', env)) {
    return { standIn: false, env };
  }
  const home = env['PULUMI_HOME'] ?? '';
  const installation = installations.get(home) ?? install(env);
  installations.set(home, installation);
  const problem = await installation;
  if (problem === undefined) {
    return { standIn: false, env };
  }
  return {
    standIn: true,
    notice: `using the stand-in for the Kubernetes provider: the real one cannot be installed here (${problem})`,
    env: {
      ...env,
      PATH: [join(__dirname, 'kubernetes-provider-stand-in'), env['PATH'] ?? ''].join(delimiter),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    },
  };
}

async function exists(program: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    await promisify(execFile)('sh', ['-c', `command -v ${program}`], { env });
    return true;
  } catch {
    return false;
  }
}

/** @returns why it does not work, or `undefined` when the plugin is there */
async function install(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  mkdirSync(env['PULUMI_HOME'] ?? '', { recursive: true });
  try {
    const args = ['plugin', 'install', 'resource', 'kubernetes', sdkVersion()];
    await promisify(execFile)('pulumi', args, { env, timeout: installSeconds * 1000 });
    return undefined;
  } catch (error) {
    const { stderr = '', killed } = error as { stderr?: string; killed?: boolean };
    const last = stderr.trim().split('\n').at(-1) ?? String(error);
    return killed === true ? `not within ${String(installSeconds)} s` : last.replace(/^error: /, '');
  }
}

/** The plugin goes with the SDK's version. */
function sdkVersion(): string {
  const manifest = JSON.parse(readFileSync(require.resolve('@pulumi/kubernetes/package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
