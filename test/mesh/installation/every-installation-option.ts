import type { Chart } from 'cdk8s';
import { IstioModule, MeshNamespace, SidecarInjection, type IstioModuleProps } from 'istio-module';

/** Every option of a module for the objects that it installs. */
export const EVERY_INSTALLATION_OPTION: Partial<IstioModuleProps> = {
  revisionTags: ['stable'],
  cni: { resources: { requests: { cpu: '50m' }, limits: { cpu: '1', memory: '1e9' } } },
  istiod: {
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '4e9' } },
    replicas: { min: 2, max: 3, targetCpuPercent: 150 },
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    caKeySize: 4096,
  },
  ingressGateways: [
    {
      name: 'ingress',
      serviceType: 'ClusterIP',
      replicas: 1,
      values: {
        service: { ports: [80, 443, 8443, 9000, 15443].map((port) => ({ name: `port-${String(port)}`, port })) },
      },
    },
    {
      name: 'public',
      externalTrafficPolicy: 'Local',
      replicas: { min: 2, max: 2, targetCpuPercent: 50 },
      resources: { requests: { cpu: '1' }, limits: { cpu: '1', memory: '1e9' } },
    },
    { name: 'ports', namespace: 'edge', revision: 'next', serviceType: 'NodePort', externalTrafficPolicy: 'Cluster' },
  ],
  egressGateways: [{ name: 'exit', replicas: { min: 2 } }],
  networkPolicies: { metricsFrom: ['shop'] },
};

/** A second control plane next to that of a module. */
export function everyControlPlane(
  chart: Chart,
  beside: IstioModule,
  { helmExecutable, charts }: Partial<IstioModuleProps>,
): void {
  new MeshNamespace(chart, 'edge', { name: 'edge', injection: SidecarInjection.revision('next') });
  new IstioModule(chart, 'canary-istio', {
    ...{ version: '1.31.1', helmExecutable, charts, beside },
    revision: 'canary',
    revisionTags: ['next'],
    values: { istiod: { env: { BLOCKED_CIDRS_IN_JWKS_URIS: '169.254.0.0/16' } } },
    istiod: { replicas: 2, rollingUpdate: { maxSurge: '0%', maxUnavailable: '100%' }, caKeySize: 2048 },
    egressGateways: [{ name: 'canary-exit', namespace: 'edge', serviceType: 'LoadBalancer' }],
  });
}
