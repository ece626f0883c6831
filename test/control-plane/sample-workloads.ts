import { type KubeClient, type ObjectReference, serviceAccountIn, until } from './kube-client';
import { keepsRunningAnnotation } from './stages';

/** Namespace of the workloads that are to join the mesh. */
export const shopNamespace = 'shop';

/** Namespace whose workloads stay outside the mesh. */
export const legacyNamespace = 'legacy';

/** Image of the workload `custom-proxy`'s own proxy. */
export const customProxyImage = 'docker.io/istio/proxyv2:1.30.2';

/** Names in the namespace `shop`, by kind. */
export const shopWorkloads = {
  deployments: ['reviews-v1', 'reviews-v2', 'cart', 'custom-proxy'],
  statefulSet: 'db',
  daemonSet: 'agent',
  job: 'migrate',
  replicaSet: 'legacy-rs',
  pod: 'debug',
} as const;

/** The namespaces of the sample workloads. */
export interface SampleNamespaces {
  /** @default 'shop' */
  readonly shop?: string;
  /** @default 'legacy' */
  readonly legacy?: string;
}

export interface SeedOptions {
  /** @default - shop and legacy */
  readonly namespaces?: SampleNamespaces;
  /**
   * Seconds until all pods have to be ready.
   *
   * @default 180
   */
  readonly timeoutSeconds?: number;
}

/**
 * A small shop: one workload for each rule about what is restarted, what only causes a warning and what is skipped.
 *
 * @returns namespaces first; apply the objects in this order
 */
export function sampleWorkloads(namespaces: SampleNamespaces = {}): ObjectReference[] {
  const names = new Map([
    [shopNamespace, namespaces.shop ?? shopNamespace],
    [legacyNamespace, namespaces.legacy ?? legacyNamespace],
  ]);
  const renamed = (name: string) => names.get(name) ?? name;
  return allWorkloads().map(({ metadata, ...rest }) => ({
    ...rest,
    metadata:
      metadata.namespace === undefined
        ? { ...metadata, name: renamed(metadata.name) }
        : { ...metadata, namespace: renamed(metadata.namespace) },
  }));
}

function allWorkloads(): ObjectReference[] {
  return [
    namespace(shopNamespace),
    namespace(legacyNamespace),
    {
      ...object('v1', 'Service', 'reviews'),
      spec: { selector: { app: 'reviews' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    } as ObjectReference,
    deployment('reviews-v1', 2, { app: 'reviews', version: 'v1' }),
    deployment('reviews-v2', 2, { app: 'reviews', version: 'v2' }),
    deployment('cart', 3, { app: 'cart', version: 'v1' }),
    deployment(
      'custom-proxy',
      1,
      { app: 'custom-proxy' },
      {
        'sidecar.istio.io/proxyImage': customProxyImage,
      },
    ),
    workload(
      'apps/v1',
      'StatefulSet',
      shopWorkloads.statefulSet,
      { app: 'db' },
      {
        replicas: 2,
        serviceName: 'db',
      },
    ),
    workload('apps/v1', 'DaemonSet', shopWorkloads.daemonSet, { app: 'agent' }, {}),
    job(),
    workload(
      'apps/v1',
      'ReplicaSet',
      shopWorkloads.replicaSet,
      { app: 'legacy-rs' },
      {
        replicas: 2,
      },
    ),
    {
      ...object('v1', 'Pod', shopWorkloads.pod, shopNamespace, { app: 'debug' }),
      ...{ spec: { containers: [container()] } },
    },
    deployment('ledger', 2, { app: 'ledger' }, {}, legacyNamespace),
  ];
}

/**
 * Applies the sample workloads and waits until all their pods are ready.
 *
 * @throws Error when they are not ready in time
 */
export async function seedWorkloads(client: KubeClient, options: SeedOptions = {}): Promise<void> {
  const { namespaces, timeoutSeconds = 180 } = options;
  const workloads = sampleWorkloads(namespaces);
  for (const workload of workloads) {
    await client.apply(workload);
    if (workload.kind === 'Namespace') {
      await serviceAccountIn(client, workload.metadata.name);
    }
  }
  await until(
    async () => {
      const states = await Promise.all(workloads.map((workload) => isReady(client, workload)));
      return states.every(Boolean);
    },
    'the sample workloads becoming ready',
    { timeoutSeconds },
  );
}

/** Whether an object has as many ready pods as it wants; objects without pods are always ready. */
async function isReady(client: KubeClient, reference: ObjectReference): Promise<boolean> {
  const { spec, status } = (await client.get(reference)) as { spec?: WorkloadSpec; status?: WorkloadStatus };
  switch (reference.kind) {
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
      return status?.readyReplicas === spec?.replicas;
    case 'DaemonSet':
      return (status?.numberReady ?? 0) > 0 && status?.numberReady === status?.desiredNumberScheduled;
    case 'Job':
      return status?.ready === 1;
    case 'Pod':
      return (
        status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true
      );
    default:
      return true;
  }
}

interface WorkloadSpec {
  readonly replicas?: number;
}

interface WorkloadStatus {
  readonly readyReplicas?: number;
  readonly numberReady?: number;
  readonly desiredNumberScheduled?: number;
  readonly ready?: number;
  readonly conditions?: readonly { type: string; status: string }[];
}

function namespace(name: string): ObjectReference {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  inNamespace = shopNamespace,
  labels: Readonly<Record<string, string>> = {},
) {
  return { apiVersion, kind, metadata: { name, namespace: inNamespace, labels } };
}

/** Does nothing, on any cluster. */
const image = 'registry.k8s.io/pause:3.10';

function container() {
  return {
    name: 'app',
    image,
    ports: [{ name: 'http', containerPort: 8080 }],
    resources: { requests: { cpu: '50m', memory: '64Mi' } },
  };
}

function workload(
  apiVersion: string,
  kind: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  spec: object,
  annotations: Readonly<Record<string, string>> = {},
  inNamespace = shopNamespace,
): ObjectReference {
  const template = { metadata: { labels, annotations }, spec: { containers: [container()] } };
  const described = object(apiVersion, kind, name, inNamespace, labels);
  return { ...described, ...{ spec: { ...spec, selector: { matchLabels: labels }, template } } };
}

function deployment(
  name: string,
  replicas: number,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
  inNamespace = shopNamespace,
): ObjectReference {
  return workload('apps/v1', 'Deployment', name, labels, { replicas }, annotations, inNamespace);
}

/** A long migration: its pod is still running whenever the mesh changes. */
function job(): ObjectReference {
  const template = {
    metadata: { labels: { app: 'migrate' }, annotations: { [keepsRunningAnnotation]: 'true' } },
    spec: { restartPolicy: 'Never', containers: [container()] },
  };
  return { ...object('batch/v1', 'Job', shopWorkloads.job), ...{ spec: { template } } };
}
