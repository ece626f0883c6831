import type { Chart } from 'cdk8s';
import { Service } from 'cdk8s-plus-27';
import {
  MeshNamespace,
  OutboundTrafficPolicyMode,
  PlaintextService,
  PodSecurityLevel,
  Sidecar,
  SidecarInjection,
  type CaptureMode,
  type SidecarProtocol,
} from 'istio-module';

const PROTOCOLS: readonly SidecarProtocol[] = ['HTTP', 'HTTPS', 'GRPC', 'HTTP2', 'MONGO', 'TCP', 'TLS'];
const CAPTURE_MODES: readonly CaptureMode[] = ['DEFAULT', 'IPTABLES', 'NONE'];

/** Namespaces, Services and Sidecars of every kind. */
export function everyNamespace(chart: Chart, shop: MeshNamespace): void {
  const ports = [{ port: 3306, name: 'tcp-mysql' }];
  const serviceOf = (name: string, namespace = 'every-namespace') =>
    new Service(chart, `${namespace}-${name}`, {
      metadata: { name, namespace },
      ports,
      clusterIP: name === 'headless' ? 'None' : undefined,
    });
  const service = serviceOf('mysql');
  const namespace = new MeshNamespace(chart, 'every-namespace', {
    name: 'every-namespace',
    labels: { 'example.com/team': 'A_b.c', empty: '' },
    annotations: { 'Example.com/Contact': 'shop@example.com' },
    podSecurity: {
      enforce: PodSecurityLevel.PRIVILEGED,
      enforceVersion: 'v1.30',
      audit: PodSecurityLevel.BASELINE,
      auditVersion: 'latest',
      warn: PodSecurityLevel.RESTRICTED,
    },
    withoutSidecars: [serviceOf('legacy'), { service, workload: { app: 'mysql' } }],
    egress: {
      hosts: ['./*', 'istio-system/*'],
      outboundTrafficPolicy: { mode: OutboundTrafficPolicyMode.REGISTRY_ONLY },
    },
  });
  new MeshNamespace(chart, 'half-in', {
    name: 'half-in',
    injection: SidecarInjection.DISABLED,
    withoutSidecars: [serviceOf('legacy', 'half-in').name],
  });
  new PlaintextService(chart, 'headless', { namespace, service: serviceOf('headless'), workload: { app: 'headless' } });
  new Sidecar(chart, 'whole-mesh', {
    egress: { outboundTrafficPolicy: { mode: OutboundTrafficPolicyMode.ALLOW_ANY } },
  });
  new Sidecar(chart, 'nobody', { namespace: shop, workload: { app: 'cart' }, egress: { hosts: ['~/*'] } });
  new Sidecar(chart, 'all-but', {
    namespace: shop,
    workload: { app: 'routes' },
    egress: { hosts: ['*/*', '~half-in/*', '~./*', '~/*.example.com', '~*/api.example.org'] },
  });
  new Sidecar(chart, 'everything', {
    namespace: shop,
    workload: { app: 'audit' },
    egress: {
      listeners: PROTOCOLS.map((protocol, index) => ({
        port: { number: 9000 + index, protocol, name: protocol.toLowerCase() },
        bind: index % 2 === 0 ? '127.0.0.1' : '::1',
        captureMode: CAPTURE_MODES[index % CAPTURE_MODES.length],
        hosts: [service],
      })),
      hosts: [namespace, 'shop/reviews.shop.svc.cluster.local', '*/*.example.com', '*/*.org'],
    },
    ingress: ['127.0.0.1:80', '0.0.0.0:65535', '[::1]:1', '[::]:8080', 'unix:///run/app.sock', undefined].map(
      (defaultEndpoint, index) => ({
        port: { number: 8000 + index, protocol: 'HTTP' as const },
        bind: '0.0.0.0',
        captureMode: CAPTURE_MODES[index % CAPTURE_MODES.length],
        defaultEndpoint,
      }),
    ),
  });
}
