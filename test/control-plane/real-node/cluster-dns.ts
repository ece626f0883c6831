import type { ObjectReference } from '../kube-client';
import { dnsAddress } from './node-configuration';
import { realNodePlacement } from './placement';

export const dnsImage = 'registry.local/coredns:1';

const namespace = 'kube-system';
const labels = { app: 'coredns' };

/** The cluster's DNS server, as a pod on the real node. */
export function clusterDns(): ObjectReference[] {
  const metadata = { name: 'coredns', namespace };
  const objects: (ObjectReference & Record<string, unknown>)[] = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'coredns' },
      rules: [
        { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'coredns' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deployment() },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace },
      spec: {
        clusterIP: dnsAddress,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
  ];
  return objects;
}

const corefile = `.:53 {
  errors
  health
  ready
  kubernetes cluster.local in-addr.arpa ip6.arpa
  cache 5
}
`;

function deployment(): object {
  return {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        ...realNodePlacement,
        serviceAccountName: 'coredns',
        dnsPolicy: 'Default',
        containers: [
          {
            name: 'coredns',
            image: dnsImage,
            imagePullPolicy: 'Never',
            args: ['-conf', '/etc/coredns/Corefile'],
            ports: [
              { name: 'dns', containerPort: 53, protocol: 'UDP' },
              { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
            ],
            readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
            volumeMounts: [{ name: 'configuration', mountPath: '/etc/coredns' }],
          },
        ],
        volumes: [{ name: 'configuration', configMap: { name: 'coredns' } }],
      },
    },
  };
}
