import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Chart } from 'cdk8s';
import { IstioCharts, NamespaceOwnership } from 'istio-module';
import { MeshChart, type MeshChartProps } from '../../stacks/mesh-chart';
import { applyInOrder } from '../control-plane/apply-in-order';
import { ControlPlane, type ControlPlaneOptions } from '../control-plane/control-plane';
import { Istiod, type IstiodOptions } from '../control-plane/istiod';
import { ApiError, type KubeClient, type ObjectReference, until } from '../control-plane/kube-client';
import { PulumiWorkspace, type PulumiWorkspaceOptions } from '../control-plane/pulumi-workspace';
import { seedWorkloads } from '../control-plane/sample-workloads';
import { viewWorkloads, type WorkloadViews } from '../demo/workload-views';

export type { PodView, WorkloadView } from '../demo/workload-views';

/** The worked example, whose Pulumi.yaml the tests run. */
export const PROJECT = join(__dirname, '..', '..');

/** The same without its traffic policy, for which Pulumi takes half as long. */
export const PROJECT_WITHOUT_TRAFFIC = join(PROJECT, 'test', 'pulumi', 'programs', 'without-traffic');

/** A control plane with istiod and the sample workloads: the starting point of the end-to-end tests. */
export class MeshCluster {
  static async start(
    options: ControlPlaneOptions & { readonly istiod?: IstiodOptions; readonly seed?: boolean } = {},
  ): Promise<MeshCluster> {
    const controlPlane = await ControlPlane.start(options);
    const istiod = await Istiod.follow(controlPlane, options.istiod);
    const client = await controlPlane.connect();
    const cluster = new MeshCluster(controlPlane, istiod, client);
    if (options.seed ?? true) {
      await seedWorkloads(client);
    }
    return cluster;
  }

  private constructor(
    readonly controlPlane: ControlPlane,
    readonly istiod: Istiod,
    readonly client: KubeClient,
  ) {}

  /** A stack of the worked example with a state of its own, configured for this cluster. */
  async workspace(
    version: string,
    options: Partial<Pick<PulumiWorkspaceOptions, 'checkpoints' | 'project'>> = {},
  ): Promise<PulumiWorkspace> {
    const state = join(this.controlPlane.directory, 'pulumi');
    mkdirSync(state, { recursive: true });
    const workspace = await PulumiWorkspace.create({
      ...{ project: PROJECT, state, env: this.controlPlane.env() },
      ...options,
    });
    await workspace.init('dev');
    await workspace.setConfig('version', version);
    await workspace.setConfig('charts', this.controlPlane.programs.istioCharts);
    await workspace.setConfig('ownership', 'adopt');
    return workspace;
  }

  /** Raw values that this cluster's charts begin with. */
  readonly values: NonNullable<MeshChartProps['values']> = {};

  /** The worked example's chart for this cluster, to be applied without Pulumi. */
  chart(props: Partial<MeshChartProps> = {}): Chart {
    return new MeshChart(new App(), 'mesh', {
      version: '1.31.1',
      charts: IstioCharts.directory(this.controlPlane.programs.istioCharts),
      helmExecutable: this.controlPlane.programs.helm,
      ownership: NamespaceOwnership.ADOPT,
      values: this.values,
      ...props,
    });
  }

  /** Applies a chart in its own order, as `kubectl apply --server-side` would, and waits for istiod. */
  async apply(chart: Chart): Promise<void> {
    await this.applyAll(chart.toJson() as ObjectReference[]);
  }

  /** The same for manifests, such as those of a chart. */
  async applyAll(objects: readonly ObjectReference[]): Promise<void> {
    await applyInOrder(
      objects,
      (object) => this.applyOne(object),
      () => this.istiod.ready(),
    );
  }

  /**
   * Applies an object, and tries again while its kind is not known yet, or a webhook has no certificate authority yet.
   */
  async applyOne(object: ObjectReference): Promise<void> {
    await until(async () => {
      try {
        await this.client.apply(object, { force: true });
        return true;
      } catch (error) {
        if (error instanceof ApiError && (error.code === 404 || error.code === 500)) {
          return false;
        }
        throw error;
      }
    }, `applying ${object.kind} ${object.metadata.name}`);
  }

  /** Every workload of the sample namespaces with its running pods, by `kind/namespace/name`. */
  workloads(namespaces: readonly string[] = ['shop', 'legacy']): Promise<WorkloadViews> {
    return viewWorkloads(this.client, namespaces);
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.istiod.unfollow();
    await this.controlPlane.stop();
  }
}
