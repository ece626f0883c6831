import { restartWorkloads, type RestartOptions, type RestartReport } from 'istio-module/engine';
import { type KubeObject, type ObjectReference, serviceAccountIn, until } from '../control-plane/kube-client';
import { connectionOf } from '../control-plane/kubeconfig';
import { FaultProxy } from './fault-proxy';
import type { Lane } from './fault-run';
import type { LaneView, LaneWorkload } from './fault-verdict';
import type { MeshCluster } from './mesh-cluster';

interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

interface Pod extends KubeObject {
  readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] };
}

const WORKLOADS = [
  ['Deployment', 'web'],
  ['StatefulSet', 'db'],
  ['DaemonSet', 'agent'],
] as const;
const VARIABLE = 'CHANGE';
const PAGE_SIZE = 20;

/** A namespace of its own with one workload of each kind, so that several runs with faults can be under way at once. */
export class FaultLane implements Lane {
  static async open(cluster: MeshCluster, namespace: string): Promise<FaultLane> {
    const { client, controlPlane } = cluster;
    const labels = { 'istio-injection': 'enabled' };
    await client.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels },
    } as ObjectReference);
    await serviceAccountIn(client, namespace);
    const target = await connectionOf(controlPlane.kubeconfig);
    const lane = new FaultLane(cluster, namespace, await FaultProxy.to(target, { namespace, pageSize: PAGE_SIZE }));
    await lane.outdate();
    for (const [kind, name] of WORKLOADS) {
      await client.apply(workload(kind, namespace, name));
    }
    await until(() => lane.isUpToDate(), `the workloads of ${namespace} having pods`, { timeoutSeconds: 120 });
    return lane;
  }

  private change = 0;

  private constructor(
    private readonly cluster: MeshCluster,
    readonly namespace: string,
    readonly proxy: FaultProxy,
  ) {}

  /** Changes what is injected into pods of this namespace, and waits until the injector uses the change. */
  async outdate(): Promise<void> {
    const { client } = this.cluster;
    this.change += 1;
    const spec = { environmentVariables: { [VARIABLE]: String(this.change) } };
    const metadata = { name: 'lane', namespace: this.namespace };
    const object = { apiVersion: 'networking.istio.io/v1beta1', kind: 'ProxyConfig', metadata, spec };
    await this.cluster.applyOne(object);
    const probe = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe' },
      spec: { containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.10' }] },
    };
    const path = `/api/v1/namespaces/${this.namespace}/pods?dryRun=All`;
    await until(
      async () => this.isCurrent(await client.raw<Pod>('POST', path, probe)),
      `the injector knowing change ${String(this.change)} of ${this.namespace}`,
      { timeoutSeconds: 60 },
    );
  }

  /** Runs a restart of this namespace only, through the proxy. */
  restart(): Promise<RestartReport> {
    const options: RestartOptions = {
      kubeconfig: this.proxy.kubeconfig,
      namespaces: [this.namespace],
      injector: { deadlineSeconds: 60, settleSeconds: 0, probes: 1 },
      requestTimeoutSeconds: 3,
      timeoutSeconds: 120,
    };
    return restartWorkloads(options);
  }

  async view(): Promise<LaneView> {
    const { client } = this.cluster;
    const pods = await client.list<Pod>('v1', 'Pod', { namespace: this.namespace });
    const entries = WORKLOADS.map(async ([kind, name]): Promise<[string, LaneWorkload]> => {
      const { metadata } = await client.get(reference(kind, this.namespace, name));
      const own = pods.filter((pod) => pod.metadata.labels?.app === name && !pod.metadata.deletionTimestamp);
      const seen = own.map((pod) => ({ uid: pod.metadata.uid ?? '', isCurrent: this.isCurrent(pod) }));
      return [`${kind} ${this.namespace}/${name}`, { generation: metadata.generation ?? 0, pods: seen }];
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  private async isUpToDate(): Promise<boolean> {
    const view = await this.view();
    return Object.values(view).every(({ pods }) => pods.length > 0 && pods.every(({ isCurrent }) => isCurrent));
  }

  private isCurrent({ spec }: Pod): boolean {
    const containers = [...spec.containers, ...(spec.initContainers ?? [])];
    const proxy = containers.find(({ name }) => name === 'istio-proxy');
    return proxy?.env?.find(({ name }) => name === VARIABLE)?.value === String(this.change);
  }
}

function reference(kind: string, namespace: string, name: string): ObjectReference {
  return { apiVersion: 'apps/v1', kind, metadata: { name, namespace } };
}

function workload(kind: string, namespace: string, name: string): ObjectReference {
  const template = {
    metadata: { labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.10' }] },
  };
  const spec = {
    selector: { matchLabels: { app: name } },
    revisionHistoryLimit: 1,
    template,
    ...(kind === 'DaemonSet' ? {} : { replicas: kind === 'Deployment' ? 2 : 1 }),
    ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
  };
  return { ...reference(kind, namespace, name), ...{ spec } };
}
