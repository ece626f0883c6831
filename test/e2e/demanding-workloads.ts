import type { ObjectReference } from '../control-plane/kube-client';
import { keepsRunningAnnotation } from '../control-plane/stages';

const IMAGE = 'registry.k8s.io/pause:3.10';
const NAMESPACE = 'shop';

const object = <T extends object>(apiVersion: string, kind: string, name: string, rest: T): ObjectReference & T => ({
  apiVersion,
  kind,
  metadata: { name, namespace: NAMESPACE },
  ...rest,
});

/** Istio rewrites probes so that they call its agent, and writes the original ones into a variable of the proxy. */
const probes = {
  livenessProbe: { httpGet: { path: '/live', port: 'http' }, periodSeconds: 5 },
  readinessProbe: { tcpSocket: { port: 8080 } },
  startupProbe: { grpc: { port: 9090 }, failureThreshold: 30 },
};

const app = (rest: object = {}) => ({
  name: 'app',
  image: IMAGE,
  ports: [{ name: 'http', containerPort: 8080 }],
  ...rest,
});

const labelled = (name: string, spec: object, podSpec: object, annotations: Readonly<Record<string, string>> = {}) => ({
  spec: {
    ...spec,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name }, annotations }, spec: podSpec },
  },
});

const deployment = (name: string, podSpec: object, annotations: Readonly<Record<string, string>> = {}) =>
  object('apps/v1', 'Deployment', name, labelled(name, { replicas: 1 }, podSpec, annotations));

/**
 * Workloads to whose pods Istio adds more than a plain sidecar, or admission adds more than Istio does; all can be
 * rolled.
 */
export function demandingWorkloads(): ObjectReference[] {
  return [
    object('v1', 'ServiceAccount', 'own-account', {}),
    object('v1', 'ConfigMap', 'settings', { data: { key: 'value' } }),
    deployment('probed', { containers: [app(probes)] }),
    deployment('scraped', { containers: [app()] }, { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' }),
    deployment('prepared', {
      initContainers: [
        { name: 'prepare', image: IMAGE },
        { name: 'own-sidecar', image: IMAGE, restartPolicy: 'Always' },
      ],
      containers: [app(), { name: 'second', image: IMAGE, lifecycle: { preStop: { sleep: { seconds: 1 } } } }],
    }),
    deployment('projected', {
      serviceAccountName: 'own-account',
      automountServiceAccountToken: false,
      containers: [app({ volumeMounts: [{ name: 'all', mountPath: '/all' }] })],
      volumes: [
        {
          name: 'all',
          projected: {
            sources: [
              { configMap: { name: 'settings' } },
              { serviceAccountToken: { path: 'token', expirationSeconds: 3600, audience: 'vault' } },
              { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
            ],
          },
        },
      ],
    }),
    deployment(
      'annotated',
      { securityContext: { fsGroup: 1000, runAsUser: 1000, runAsNonRoot: true }, containers: [app()] },
      {
        'sidecar.istio.io/proxyCPU': '50m',
        'sidecar.istio.io/proxyMemoryLimit': '1Gi',
        'sidecar.istio.io/logLevel': 'debug',
        'proxy.istio.io/config': 'concurrency: 3\nproxyMetadata:\n  SHARD: "7"\n',
        'traffic.sidecar.istio.io/excludeOutboundPorts': '5432',
      },
    ),
    ...[0, 1].map((ordinal) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `store-${String(ordinal)}` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/store' },
        storageClassName: '',
      },
    })),
    object(
      'apps/v1',
      'StatefulSet',
      'store',
      labelled(
        'store',
        {
          replicas: 2,
          serviceName: 'store',
          volumeClaimTemplates: [
            {
              metadata: { name: 'data' },
              spec: {
                accessModes: ['ReadWriteOnce'],
                storageClassName: '',
                resources: { requests: { storage: '1Gi' } },
              },
            },
          ],
        },
        { containers: [app({ ...probes, volumeMounts: [{ name: 'data', mountPath: '/data' }] })] },
      ),
    ),
  ];
}

/** Pods that cannot be rolled; if they are created in the mesh, they have a sidecar from the beginning. */
export function unrollableWorkloads(): ObjectReference[] {
  return [
    object('v1', 'Pod', 'probed-pod', { spec: { containers: [app(probes)] } }),
    object('batch/v1', 'Job', 'report', {
      spec: {
        template: {
          metadata: { annotations: { [keepsRunningAnnotation]: 'true' } },
          spec: { restartPolicy: 'Never', containers: [app(probes)] },
        },
      },
    }),
  ];
}

/** The workloads of `demandingWorkloads` as `kind/namespace/name`. */
export const DEMANDING_WORKLOADS = [
  ...['annotated', 'prepared', 'probed', 'projected', 'scraped'].map((name) => `Deployment/${NAMESPACE}/${name}`),
  `StatefulSet/${NAMESPACE}/store`,
];
