import {
  type KubeClient,
  type KubeObject,
  type ObjectReference,
  serviceAccountIn,
  until,
} from '../control-plane/kube-client';
import { readyAfterAnnotation } from '../control-plane/stages';

/** What shows how often a workload's pods were replaced. */
export interface FleetMember {
  /** Counts the changes to its spec. */
  readonly generation: number;
  /** Counts its templates: the number of its newest ReplicaSet or ControllerRevision. */
  readonly revision: number;
  /** UIDs of the pods that are not being deleted, sorted. */
  readonly pods: readonly string[];
  /** The distinct CPU requests of their sidecars. */
  readonly proxyCpu: readonly (string | undefined)[];
}

/** By kind and name, such as `Deployment/web-03`. */
export type FleetView = Readonly<Record<string, FleetMember>>;

interface Pod extends KubeObject {
  readonly spec: Record<'containers' | 'initContainers', readonly Container[] | undefined>;
  readonly status?: { readonly phase?: string };
}

interface Container {
  readonly name: string;
  readonly resources?: { readonly requests?: { readonly cpu?: string } };
}

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
const REVISION = 'deployment.kubernetes.io/revision';

/** Many small workloads of every kind that is rolled by its template, in a namespace of their own. */
export class Fleet {
  constructor(
    private readonly client: KubeClient,
    private readonly namespace: string,
    /**
     * How many workloads of each kind; every fourth has two pods if it can, and every fourth takes longer to become
     * ready.
     */
    private readonly sizes: Readonly<Record<(typeof KINDS)[number], number>>,
  ) {}

  /** Creates the namespace, with injection, and the workloads, and waits for their pods. */
  async create(): Promise<void> {
    const metadata = { name: this.namespace, labels: { 'istio-injection': 'enabled' } };
    await this.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
    await serviceAccountIn(this.client, this.namespace);
    const workloads = KINDS.flatMap((kind) => Array.from({ length: this.sizes[kind] }, (_, i) => this.member(kind, i)));
    await Promise.all(workloads.map(({ object }) => this.client.apply(object)));
    const pods = workloads.reduce((sum, { replicas }) => sum + replicas, 0);
    await until(
      async () => {
        const running = await this.client.list<Pod>('v1', 'Pod', { namespace: this.namespace });
        return running.length === pods && running.every(({ status }) => status?.phase === 'Running');
      },
      `the ${String(pods)} pods of namespace ${this.namespace}`,
      { timeoutSeconds: 120 },
    );
  }

  async view(): Promise<FleetView> {
    const { client, namespace } = this;
    const pods = await client.list<Pod>('v1', 'Pod', { namespace });
    const revisions = await client.list<KubeObject & { revision: number }>('apps/v1', 'ControllerRevision', {
      namespace,
    });
    const members: Record<string, FleetMember> = {};
    for (const kind of KINDS) {
      for (const { metadata } of await client.list('apps/v1', kind, { namespace })) {
        const newest = revisions
          .filter((one) => one.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid))
          .map(({ revision }) => revision);
        const own = pods.filter((pod) => pod.metadata.labels?.app === metadata.name && !pod.metadata.deletionTimestamp);
        members[`${kind}/${metadata.name}`] = {
          generation: metadata.generation ?? NaN,
          revision: Number(metadata.annotations?.[REVISION] ?? Math.max(...newest)),
          pods: own.map((pod) => pod.metadata.uid ?? '').sort(),
          proxyCpu: [...new Set(own.map(proxyCpuOf))],
        };
      }
    }
    return members;
  }

  private member(kind: (typeof KINDS)[number], index: number): { object: ObjectReference; replicas: number } {
    const name = `${kind.toLowerCase()}-${String(index).padStart(2, '0')}`;
    const replicas = kind === 'DaemonSet' ? 1 : index % 4 === 3 ? 2 : 1;
    const template = {
      metadata: { labels: { app: name }, annotations: index % 4 === 1 ? { [readyAfterAnnotation]: '3s' } : {} },
      spec: {
        // One pod of a DaemonSet, however many nodes there are.
        ...(kind === 'DaemonSet' ? { nodeSelector: { 'kubernetes.io/hostname': 'node-0' } } : {}),
        containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.10' }],
      },
    };
    const spec = {
      selector: { matchLabels: { app: name } },
      template,
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
    };
    const object = { apiVersion: 'apps/v1', kind, metadata: { name, namespace: this.namespace }, spec };
    return { object, replicas };
  }
}

function proxyCpuOf({ spec }: Pod): string | undefined {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  return containers.find(({ name }) => name === 'istio-proxy')?.resources?.requests?.cpu;
}
