import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RestartReport } from 'istio-module/engine';
import type { KubeClient } from '../control-plane/kube-client';
import {
  PulumiWorkspace,
  type PulumiWorkspaceOptions,
  type Diagnostic,
  type PulumiResult,
} from '../control-plane/pulumi-workspace';
import { olderIstioVersion } from '../control-plane/istio-versions';
import { istioVersion } from '../control-plane/program-sources';
import { seedWorkloads } from '../control-plane/sample-workloads';
import { changesOf, viewWorkloads, type WorkloadChanges, type WorkloadViews } from './workload-views';

/** The checkout: holds Pulumi.yaml. */
export const PROJECT = join(__dirname, '..', '..');

/** The version of Istio that the stack installs first. */
export const FIRST_VERSION = olderIstioVersion;

/** What the change consists of: a version and the resources of sidecars. */
export const SECOND_VERSION = istioVersion;
export const SECOND_RESOURCES = {
  requests: { cpu: '20m', memory: '64Mi' },
  limits: { cpu: '200m', memory: '256Mi' },
} as const;

/** Where the lifecycle takes place. */
export interface LifecycleOptions extends Pick<PulumiWorkspaceOptions, 'checkpoints'> {
  readonly client: KubeClient;
  /** With KUBECONFIG, and with pulumi and helm on its PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** Folder for the state and the configuration of the stack. */
  readonly state: string;
  /**
   * Folder for Pulumi's plugins and settings.
   *
   * @default - a folder in `state`
   */
  readonly home?: string;
  /**
   * The kubeconfig's context to use.
   *
   * @default - the current one
   */
  readonly context?: string;
  /**
   * The namespace that the stack creates, and the two that are created for the sample workloads.
   *
   * @default - istio-system, shop and legacy
   */
  readonly namespaces?: LifecycleNamespaces;
  /**
   * Directories of Istio's charts.
   *
   * @default - the official repository
   */
  readonly charts?: LifecycleCharts;
  /**
   * Raw values by chart.
   *
   * @default - none
   */
  readonly values?: object;
  /**
   * Restarts workloads in the sample namespaces only.
   *
   * @default false
   */
  readonly limited?: boolean;
  /**
   * Seconds that the sample workloads may take to become ready.
   *
   * @default 180
   */
  readonly seedSeconds?: number;
}

/** Directories of Istio's charts, for each of the two versions. */
export interface LifecycleCharts {
  readonly first: string;
  readonly second: string;
}

export interface LifecycleNamespaces {
  readonly system: string;
  readonly shop: string;
  readonly legacy: string;
}

/** What one run of Pulumi did. */
export interface LifecycleStep {
  /** In a few words. */
  readonly title: string;
  readonly pulumi: PulumiResult;
  /** What the restart reports; undefined when it had nothing to do in this step. */
  readonly report: Omit<RestartReport, 'schemaVersion' | 'rounds' | 'waited'> | undefined;
  /** What Pulumi says about the restart: its warnings, and what is skipped. */
  readonly diagnostics: readonly Diagnostic[];
  readonly before: WorkloadViews;
  readonly after: WorkloadViews;
  readonly changes: WorkloadChanges;
  readonly seconds: number;
}

/** Pulumi did not succeed; the message says in which step, and ends with the end of its output. */
export class LifecycleError extends Error {
  constructor(
    title: string,
    readonly pulumi: PulumiResult,
  ) {
    const output = `${pulumi.stdout}\n${pulumi.stderr}`.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n');
    super(`${title}: Pulumi ended with exit code ${String(pulumi.exitCode)}. The end of its output:\n${output}`);
    this.name = 'LifecycleError';
  }
}

const OUTPUT_LINES = 40;
const STACK = 'demo';

/**
 * The life of a mesh, one step after the other: workloads without a mesh, Istio installed, a change, an update without
 * changes, and Istio removed. `npm start` shows it, and an end-to-end test asserts on it.
 */
export class Lifecycle {
  /** Creates a stack with a state of its own. */
  static async begin(options: LifecycleOptions): Promise<Lifecycle> {
    const { env, state, home, checkpoints } = options;
    mkdirSync(state, { recursive: true });
    return new Lifecycle(await PulumiWorkspace.create({ project: PROJECT, state, home, env, checkpoints }), options);
  }

  private updating: number | undefined;
  private interrupted = false;
  private installing = false;
  private readonly namespaces: LifecycleNamespaces;

  private constructor(
    readonly workspace: PulumiWorkspace,
    private readonly options: LifecycleOptions,
  ) {
    this.namespaces = options.namespaces ?? { system: 'istio-system', shop: 'shop', legacy: 'legacy' };
  }

  /** The stack's name, and the file that holds its configuration. */
  get stack(): { readonly name: string; readonly configuration: string } {
    return { name: STACK, configuration: join(this.options.state, `Pulumi.${STACK}.yaml`) };
  }

  /** The workloads as they are now. */
  workloads(): Promise<WorkloadViews> {
    return viewWorkloads(this.options.client, [this.namespaces.shop, this.namespaces.legacy]);
  }

  /** Deploys the sample workloads, and waits until they are ready. */
  async seed(): Promise<WorkloadViews> {
    const { client, seedSeconds } = this.options;
    await seedWorkloads(client, { namespaces: this.namespaces, timeoutSeconds: seedSeconds });
    return this.workloads();
  }

  /** Installs Istio: the workloads of the mesh get sidecars. */
  async install(): Promise<LifecycleStep> {
    const { charts, values, context, limited } = this.options;
    const { shop, legacy } = this.namespaces;
    await this.workspace.init(STACK);
    this.installing = true;
    await this.configure({
      version: FIRST_VERSION,
      // The namespaces already exist, with their workloads, and outlive the mesh.
      ownership: 'adopt',
      namespaces: JSON.stringify(this.namespaces),
      charts: charts?.first,
      values: values === undefined ? undefined : JSON.stringify(values),
      context,
      restart: limited === true ? JSON.stringify({ namespaces: [shop, legacy] }) : undefined,
    });
    return this.up(`Istio ${FIRST_VERSION} installed`);
  }

  /** Changes the version and the sidecars' resources: sidecars that are out of date are replaced. */
  async change(): Promise<LifecycleStep> {
    await this.configure({
      version: SECOND_VERSION,
      charts: this.options.charts?.second,
      proxyResources: JSON.stringify(SECOND_RESOURCES),
    });
    return this.up(`Istio ${SECOND_VERSION}, other resources`);
  }

  /** Runs Pulumi with nothing changed. */
  async repeat(): Promise<LifecycleStep> {
    return this.up('nothing changed');
  }

  /** Removes Istio: the workloads lose their sidecars. */
  async destroy(): Promise<LifecycleStep> {
    return this.step('Istio removed', () => this.workspace.destroy());
  }

  /**
   * Lets no further update begin.
   *
   * @returns the process of the `pulumi up` that is under way
   */
  interrupt(): number | undefined {
    this.interrupted = true;
    return this.updating;
  }

  /**
   * Removes what an unfinished lifecycle has installed.
   *
   * @throws LifecycleError when Pulumi does not succeed
   */
  async abandon(): Promise<void> {
    if (this.installing) {
      await this.destroy();
    }
  }

  private async configure(settings: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [key, value] of Object.entries(settings)) {
      if (value !== undefined) {
        await this.workspace.setConfig(key, value);
      }
    }
  }

  private async up(title: string): Promise<LifecycleStep> {
    return this.step(title, async () => {
      if (this.interrupted) {
        throw new Error(`interrupted before: ${title}`);
      }
      const update = this.workspace.spawnUp();
      this.updating = update.pid;
      try {
        return await update.result;
      } finally {
        this.updating = undefined;
      }
    });
  }

  private async step(title: string, run: () => Promise<PulumiResult>): Promise<LifecycleStep> {
    const before = await this.workloads();
    const started = Date.now();
    const pulumi = await run();
    const seconds = (Date.now() - started) / 1000;
    if (pulumi.exitCode !== 0) {
      throw new LifecycleError(title, pulumi);
    }
    const after = await this.workloads();
    const restarts = pulumi.steps.filter(({ urn, op }) => urn.endsWith('::mesh-restart') && REPORTING.includes(op));
    return {
      title,
      pulumi,
      report: restarts.length > 0 ? await this.workspace.outputs() : undefined,
      diagnostics: pulumi.diagnostics.filter(({ urn = '' }) => urn.endsWith('::mesh-restart')),
      before,
      after,
      changes: changesOf(before, after),
      seconds,
    };
  }
}

/** Operations of Pulumi on the resource of the restart if there is something to restart, or to warn about. */
const REPORTING = ['create', 'update'];
