import { accessSync, constants, existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { loadDefaultKubeconfig } from '../../lib/engine/cluster/kubeconfig/load-kubeconfig';
import { KubeClient, until, type KubeObject } from '../control-plane/kube-client';
import { CommandLineError } from './command-line';
import { FIRST_VERSION, Lifecycle, SECOND_VERSION, type LifecycleCharts, type LifecycleStep } from './lifecycle';
import { STATE } from './on-this-machine';
import { type Audience, showLifecycle } from './show-lifecycle';

export interface ExistingOptions {
  /** Name of a context in the user's kubeconfig. */
  readonly context: string;
  /** Directory with the charts of both versions of Istio, each in a folder named after its version. */
  readonly charts: string | undefined;
  /** File of raw values by chart, as JSON. */
  readonly values: string | undefined;
}

/** Names that a cluster is unlikely to have already. */
export const NAMESPACES = {
  system: 'istio-module-demo-system',
  shop: 'istio-module-demo-shop',
  legacy: 'istio-module-demo-legacy',
} as const;

/** Images have to be pulled, on nodes that may be small. */
const SEED_SECONDS = 300;
const DELETE_SECONDS = 300;

/**
 * Shows the lifecycle on a cluster of the user, and leaves the cluster as it was.
 *
 * @throws Error, in one sentence, when this is not safe on the cluster
 */
export async function showOnExistingCluster(
  options: ExistingOptions,
  audience: Audience,
): Promise<{ readonly steps: readonly LifecycleStep[]; readonly farewell: readonly string[] }> {
  const { terminal, interruption } = audience;
  const { context } = options;
  terminal.heading(`Your cluster, context ${context}`);
  const values = options.values === undefined ? undefined : readValues(options.values);
  const charts = options.charts === undefined ? undefined : chartsIn(options.charts);
  requirePrograms();
  const client = await connect(context);
  await refuseUnlessUntouched(client, context);
  terminal.line(`in namespaces made for this and deleted afterwards: ${Object.values(NAMESPACES).join(', ')}`);
  terminal.line(
    "until the end, also Istio's cluster-wide objects: CustomResourceDefinitions, roles and webhooks, and its CNI",
  );
  terminal.line('agent on every node');
  const state = join(STATE, `${context.replace(/[^A-Za-z0-9.-]+/g, '-')}-${String(process.pid)}`);
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PULUMI_'));
  let lifecycle: Lifecycle | undefined;
  try {
    interruption.check();
    lifecycle = await Lifecycle.begin({
      client,
      env: Object.fromEntries(own),
      state,
      checkpoints: 'after each resource',
      home: join(STATE, 'home'),
      context,
      namespaces: NAMESPACES,
      charts,
      values,
      limited: true,
      seedSeconds: SEED_SECONDS,
    });
    const stop = (updating: number | undefined) => {
      // Pulumi finishes what it has begun, so that its state is accurate. A `pulumi destroy` goes on: it is necessary
      // anyway.
      if (updating !== undefined) {
        process.kill(updating, 'SIGINT');
      }
    };
    const steps = await showLifecycle(lifecycle, audience, { stop, keep: false });
    terminal.heading('Tearing down');
    await deleteNamespaces(client);
    terminal.line('the namespaces are gone');
    rmSync(state, { recursive: true, force: true });
    return { steps, farewell: [] };
  } catch (error) {
    terminal.heading('Tearing down early');
    try {
      await lifecycle?.abandon();
      await deleteNamespaces(client);
      terminal.line('Istio and the namespaces are gone');
      rmSync(state, { recursive: true, force: true });
    } catch (further) {
      throw new Error(`${messageOf(error)}

${leftBehind(context, state)}
${messageOf(further)}`);
    }
    throw error;
  } finally {
    client.close();
  }
}

function readValues(file: string): object {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as object;
  } catch (error) {
    throw new CommandLineError(`--values ${file} is not a file with JSON in it: ${messageOf(error)}.`);
  }
}

function chartsIn(directory: string): LifecycleCharts {
  const chartsOf = (version: string) => {
    // Pulumi runs in another directory.
    const path = resolve(directory, version);
    if (!existsSync(join(path, 'base', 'Chart.yaml'))) {
      throw new CommandLineError(
        `--charts ${directory} holds no chart ${version}/base: copy the directory manifests/charts of Istio ${version} to ${join(directory, version)}.`,
      );
    }
    return path;
  };
  return { first: chartsOf(FIRST_VERSION), second: chartsOf(SECOND_VERSION) };
}

function requirePrograms(): void {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const missing = ['pulumi', 'helm'].filter((program) => !folders.some((folder) => isProgram(join(folder, program))));
  if (missing.length > 0) {
    throw new Error(
      `There is no ${missing.join(' and no ')} on your PATH; with --context the demonstration uses your own: install ` +
        'pulumi from https://www.pulumi.com/docs/iac/download-install/ and helm from https://helm.sh/docs/intro/install/.',
    );
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Looks the context up in all the files that kubectl would read. */
async function connect(context: string): Promise<KubeClient> {
  const names = [...((await loadDefaultKubeconfig())?.contexts.keys() ?? [])];
  if (!names.includes(context)) {
    const source = process.env.KUBECONFIG ?? '~/.kube/config';
    throw new Error(
      `The kubeconfig ${source} has no context ${context}; it has ${names.join(', ') || 'none'}. ` +
        'Name one of them with --context, or another file with KUBECONFIG.',
    );
  }
  const client = await KubeClient.connect(undefined, context);
  try {
    await client.raw('GET', '/version');
  } catch (error) {
    throw new Error(`The cluster of context ${context} does not answer: ${messageOf(error)}. Nothing was changed.`, {
      cause: error,
    });
  }
  return client;
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly name: string }[];
}

interface CustomResourceDefinition extends KubeObject {
  readonly spec: { readonly group: string };
}

/** The stack would take over an existing Istio, and remove it in the end. */
async function refuseUnlessUntouched(client: KubeClient, context: string): Promise<void> {
  const webhooks = await client.list<WebhookConfiguration>(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
  );
  const kinds = await client.list<CustomResourceDefinition>('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
  const injects = webhooks.find(({ webhooks: all = [] }) =>
    all.some(({ name }) => /sidecar-injector\.istio\.io$/.test(name)),
  );
  const kind = kinds.find(({ spec }) => /(^|\.)istio\.io$/.test(spec.group));
  const found = injects
    ? `MutatingWebhookConfiguration ${injects.metadata.name}`
    : kind && `CustomResourceDefinition ${kind.metadata.name}`;
  if (found !== undefined) {
    throw new Error(
      `Istio is installed in the cluster of context ${context} already (${found}), and the demonstration would remove ` +
        'it at its end: choose a cluster without Istio. Nothing was changed.',
    );
  }
  for (const name of Object.values(NAMESPACES)) {
    if ((await client.find(namespace(name))) !== undefined) {
      throw new Error(
        `The namespace ${name}, which the demonstration makes and deletes, is in the cluster of context ${context} ` +
          `already: if it is left from an earlier run, \`kubectl --context ${context} delete namespace ${name}\` and ` +
          'run again. Nothing was changed.',
      );
    }
  }
}

async function deleteNamespaces(client: KubeClient): Promise<void> {
  const own = [NAMESPACES.shop, NAMESPACES.legacy].map(namespace);
  for (const one of own) {
    await client.delete(one);
  }
  for (const one of [...own, namespace(NAMESPACES.system)]) {
    await until(async () => (await client.find(one)) === undefined, `the namespace ${one.metadata.name} going away`, {
      timeoutSeconds: DELETE_SECONDS,
    });
  }
}

function namespace(name: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function leftBehind(context: string, state: string): string {
  const names = Object.values(NAMESPACES).join(' ');
  return (
    `Tearing down failed, too. What is left in the cluster of context ${context} is Istio, as far as it was ` +
    `installed, and the namespaces ${names}; Pulumi's state is in ${state}. The reason:`
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
