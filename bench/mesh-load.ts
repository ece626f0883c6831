import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeClient, type KubeObject, serviceAccountIn, until } from '../test/control-plane/kube-client';
import { MeshCluster } from '../test/e2e/mesh-cluster';

/** How much of the mesh a change makes out of date. */
export type Outdated = 'none' | 'few' | 'all';

/** Every 20th workload, 5 %, is in one separate namespace, where the change for a few workloads is made. */
const FEW = 20;
const NAMESPACES = 10;
const FEW_NAMESPACE = 'bench-few';
/** Workloads on one node. All pods of a workload are on the same node, so that nodes have as many pods as real ones. */
const WORKLOADS_PER_NODE = 10;
/** Selects all generated Deployments. */
export const SELECTOR = 'app.kubernetes.io/part-of=bench';
const MARK = 'BENCH_CHANGE';
const CREATIONS_AT_ONCE = 16;
/** The pause between two reads of all Deployments. */
const LOOK_MILLISECONDS = 3_000;

/** How much is measured on a mesh of one size. */
export interface MeasureOptions {
  readonly workloads: number;
  readonly replicas: number;
  readonly repetitions: number;
  /** Another checkout, whose build is measured on the same mesh. */
  readonly before?: string;
  readonly progress: (line: string) => void;
}

export interface MeshLoadOptions {
  readonly maxWorkloads: number;
  /** Pods of each workload. */
  readonly replicas: number;
  readonly progress: (line: string) => void;
}

/** A local control plane with a mesh of generated Deployments on it. */
export class MeshLoad {
  static async start(options: MeshLoadOptions): Promise<MeshLoad> {
    const { progress, maxWorkloads } = options;
    const nodes = Math.ceil(maxWorkloads / WORKLOADS_PER_NODE);
    const cluster = await MeshCluster.start({ nodes, seed: false, progress });
    progress('installing Istio');
    await cluster.apply(cluster.chart());
    const load = new MeshLoad(cluster, cluster.client, nodes, options);
    for (const name of [
      FEW_NAMESPACE,
      ...Array.from({ length: NAMESPACES }, (_, index) => namespaceOf(index, false)),
    ]) {
      const metadata = { name, labels: { 'istio-injection': 'enabled' } };
      await cluster.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
      await serviceAccountIn(cluster.client, name);
    }
    await until(async () => (await load.injectedMark('bench-0')) !== NO_SIDECAR, 'the first injection');
    // From now on, this process does not supervise istiod, so that nothing but the two sides is at work.
    cluster.istiod.leave();
    return load;
  }

  private count = 0;
  private changes = 0;

  private constructor(
    private readonly cluster: MeshCluster,
    private readonly client: KubeClient,
    private readonly nodes: number,
    private readonly options: MeshLoadOptions,
  ) {}

  get kubeconfig(): string {
    return this.cluster.controlPlane.kubeconfig;
  }

  /** The path of a file that is removed with the cluster. */
  fileOf(name: string): string {
    return `${this.cluster.controlPlane.directory}/${name}`;
  }

  /** Adds Deployments up to this number, injected without any change, and waits until their pods are ready. */
  async growTo(workloads: number): Promise<void> {
    const { replicas, progress } = this.options;
    await this.change('none', '');
    progress(`creating ${String(workloads - this.count)} workloads of ${String(replicas)} pods`);
    const indices = Array.from({ length: workloads - this.count }, (_, offset) => this.count + offset).values();
    const create = async () => {
      for (const index of indices) {
        await this.client.create(deployment(index, replicas, index % this.nodes));
      }
    };
    await Promise.all(Array.from({ length: CREATIONS_AT_ONCE }, create));
    this.count = workloads;
    await this.settled();
  }

  /** Waits until every Deployment is rolled out, and no old pod is left. */
  async settled(): Promise<void> {
    await until(
      async () => {
        const deployments = await this.client.list('apps/v1', 'Deployment');
        const isSettled = deployments.every(isRolledOut);
        // A read also takes time on the two cores.
        await sleep(isSettled ? 0 : LOOK_MILLISECONDS);
        return isSettled;
      },
      'the generated workloads becoming ready',
      { timeoutSeconds: 1_800 },
    );
  }

  /**
   * Makes this part of the mesh out of date with environment variables in ProxyConfig resources, and waits until the
   * injector uses the change.
   *
   * @param value distinguishes one change from another
   */
  async change(outdated: Outdated, value: string): Promise<void> {
    const few = proxyConfig(FEW_NAMESPACE, value);
    const all = proxyConfig('istio-system', value);
    await (outdated === 'few' ? this.cluster.applyOne(few) : this.client.delete(few));
    await (outdated === 'all' ? this.cluster.applyOne(all) : this.client.delete(all));
    const wanted = {
      [FEW_NAMESPACE]: outdated === 'none' ? undefined : value,
      'bench-0': outdated === 'all' ? value : undefined,
    };
    for (const [namespace, mark] of Object.entries(wanted)) {
      await until(async () => (await this.injectedMark(namespace)) === mark, `the injector's change in ${namespace}`);
    }
  }

  /** Changes a label of one Namespace after the other, this number of times. */
  async changeNamespaces(times: number): Promise<void> {
    for (let index = 0; index < times; index++) {
      const name = namespaceOf(index, false);
      const labels = { change: String(this.changes++) };
      await this.client.patch({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { metadata: { labels } });
    }
  }

  async stop(): Promise<void> {
    this.client.close();
    // This also stops istiod, which this process does not supervise.
    await this.cluster.controlPlane.stop();
  }

  /** The mark that the injector would now write into a pod of the namespace. */
  private async injectedMark(namespace: string): Promise<string | undefined> {
    const metadata = { generateName: 'mark-', namespace };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'app', image: IMAGE }] } };
    const { spec } = await this.client.raw<{ spec: InjectedSpec }>(
      'POST',
      `/api/v1/namespaces/${namespace}/pods?dryRun=All`,
      pod,
    );
    const containers = [...spec.containers, ...(spec.initContainers ?? [])];
    const proxy = containers.find(({ name }) => name === 'istio-proxy');
    return proxy ? proxy.env?.find(({ name }) => name === MARK)?.value : NO_SIDECAR;
  }
}

const NO_SIDECAR = '(no sidecar)';
const IMAGE = 'registry.k8s.io/pause:3.10';

interface InjectedSpec {
  readonly containers: readonly InjectedContainer[];
  readonly initContainers?: readonly InjectedContainer[];
}

interface InjectedContainer {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

function isRolledOut({ metadata, spec, status }: KubeObject): boolean {
  const { replicas: wanted } = spec as { readonly replicas: number };
  const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status as Readonly<
    Record<string, number | undefined>
  >;
  return (
    observedGeneration === metadata.generation &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === wanted)
  );
}

/** The number of namespaces with outdated workloads. */
export function outdatedNamespaces(outdated: Outdated): number {
  return { none: 0, few: 1, all: NAMESPACES + 1 }[outdated];
}

function namespaceOf(index: number, isOfFew = index % FEW === 0): string {
  return isOfFew ? FEW_NAMESPACE : `bench-${String(index % NAMESPACES)}`;
}

/** A workload of usual size, because the cost of reading pods depends on their size. */
function deployment(index: number, replicas: number, node: number): KubeObject {
  const name = `service-${String(index).padStart(4, '0')}`;
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'bench', version: 'v1' };
  const probe = (path: string) => ({ httpGet: { path, port: 8080 }, periodSeconds: 10, failureThreshold: 3 });
  const variables = Array.from({ length: 12 }, (_, place) => ({
    name: `SETTING_${String(place)}`,
    value: `https://upstream-${String(place)}.example.org/${name}`,
  }));
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: namespaceOf(index), labels },
    spec: {
      replicas,
      revisionHistoryLimit: 1,
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      template: {
        metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090' } },
        spec: {
          // The scheduler would bind only 50 pods per second.
          nodeName: `node-${String(node)}`,
          containers: [
            {
              name: 'app',
              image: IMAGE,
              ports: [
                { name: 'http', containerPort: 8080 },
                { name: 'metrics', containerPort: 9090 },
              ],
              env: variables,
              readinessProbe: probe('/ready'),
              livenessProbe: probe('/live'),
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
              volumeMounts: [{ name: 'scratch', mountPath: '/tmp' }],
            },
          ],
          volumes: [{ name: 'scratch', emptyDir: {} }],
        },
      },
    },
  };
}

function proxyConfig(namespace: string, value: string) {
  return {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ProxyConfig',
    metadata: { name: 'bench', namespace },
    spec: { environmentVariables: { [MARK]: value } },
  };
}
