import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Chart } from 'cdk8s';
import { IstioCharts, NamespaceOwnership } from 'istio-module';
import { MeshChart, type MeshChartProps } from '../../stacks/mesh-chart';
import { ControlPlane, type ControlPlaneOptions } from '../control-plane/control-plane';
import { Istiod, type IstiodOptions } from '../control-plane/istiod';
import { ApiError, type KubeClient, type KubeObject, type ObjectReference, until } from '../control-plane/kube-client';
import { PulumiWorkspace } from '../control-plane/pulumi-workspace';
import { seedWorkloads } from '../control-plane/sample-workloads';

/** The project whose Pulumi.yaml the tests run. */
export const PROJECT = join(__dirname, '..', '..');

/** What a test sees of one pod. */
export interface PodView {
  readonly name: string;
  readonly uid: string;
  /** The image of its sidecar; undefined when it has none. */
  readonly image: string | undefined;
  readonly resources: unknown;
}

/** What a test sees of one workload: `Deployment/shop/cart`, its generation and its pods by name. */
export interface WorkloadView {
  readonly generation: number | undefined;
  readonly pods: readonly PodView[];
}

interface Pod extends KubeObject {
  readonly spec: Record<'containers' | 'initContainers', readonly Container[] | undefined>;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources?: unknown;
}

/** A control plane with istiod beside it and the sample workloads on it: where the end-to-end tests begin. */
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

  /** The raw values that make the charts work beside a local istiod. */
  get values(): NonNullable<MeshChartProps['values']> {
    const { base, istiodRemote } = this.istiod.chartValues;
    return { base: { base }, istiod: { base, istiodRemote } };
  }

  /** A stack of the worked example in a state of its own, with its configuration for this cluster set. */
  async workspace(version: string, output?: (line: string) => void): Promise<PulumiWorkspace> {
    const state = join(this.controlPlane.directory, 'pulumi');
    mkdirSync(state, { recursive: true });
    const workspace = await PulumiWorkspace.create({ project: PROJECT, state, env: this.controlPlane.env(), output });
    await workspace.init('dev');
    await workspace.setConfig('version', version);
    await workspace.setConfig('charts', this.controlPlane.programs.istioCharts);
    await workspace.setConfig('ownership', 'adopt');
    await workspace.setConfig('values', JSON.stringify(this.values));
    return workspace;
  }

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
    const objects = chart.toJson() as ObjectReference[];
    const needsWebhooks = (object: ObjectReference) => object.apiVersion.includes('.istio.io/');
    for (const object of objects.filter((one) => !needsWebhooks(one))) {
      await this.applyOne(object);
    }
    await this.istiod.ready();
    for (const object of objects.filter(needsWebhooks)) {
      await this.applyOne(object);
    }
  }

  /** Tries again while a kind is not known yet, or a webhook has no certificate authority yet. */
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
  async workloads(namespaces: readonly string[] = ['shop', 'legacy']): Promise<Record<string, WorkloadView>> {
    const views: Record<string, WorkloadView> = {};
    for (const namespace of namespaces) {
      const pods = await this.client.list<Pod>('v1', 'Pod', { namespace });
      for (const pod of pods.filter(({ metadata }) => !metadata.deletionTimestamp)) {
        const owner = ownerOf(pod);
        const key = `${owner.kind}/${namespace}/${owner.name}`;
        const generation = views[key]?.generation ?? (await this.generationOf(owner, namespace));
        const sorted = [...(views[key]?.pods ?? []), viewOf(pod)].sort((a, b) => (a.name < b.name ? -1 : 1));
        views[key] = { generation, pods: sorted };
      }
    }
    return views;
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.istiod.unfollow();
    await this.controlPlane.stop();
  }

  private async generationOf(
    owner: { readonly kind: string; readonly name: string },
    namespace: string,
  ): Promise<number | undefined> {
    const apiVersion = owner.kind === 'Job' ? 'batch/v1' : owner.kind === 'Pod' ? 'v1' : 'apps/v1';
    const object = await this.client.find({
      apiVersion,
      kind: owner.kind,
      metadata: { name: owner.name, namespace },
    });
    return object?.metadata.generation;
  }
}

function ownerOf({ metadata }: Pod): { readonly kind: string; readonly name: string } {
  const [owner] = metadata.ownerReferences ?? [];
  const hash = metadata.labels?.['pod-template-hash'];
  if (owner?.kind === 'ReplicaSet' && hash !== undefined) {
    return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  }
  return owner ?? { kind: 'Pod', name: metadata.name };
}

function viewOf({ metadata, spec }: Pod): PodView {
  const proxy = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].find(({ name }) => name === 'istio-proxy');
  return { name: metadata.name, uid: metadata.uid ?? '', image: proxy?.image, resources: proxy?.resources };
}
