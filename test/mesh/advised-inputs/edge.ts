import { ApiObject, type Chart } from 'cdk8s';
import {
  AuthorizationPolicy,
  Destination,
  Gateway,
  KubernetesGateway,
  Requests,
  ServerTls,
  TrafficPolicy,
  type AuthorizationPolicyProps,
  type GatewayServer,
  type Labels,
} from 'istio-module';
import { advice, type AdvisedInput } from './advised-input';

const https = (hosts: readonly string[], credentialName: string): GatewayServer => ({
  port: 443,
  protocol: 'HTTPS',
  hosts,
  tls: ServerTls.simple({ credentialName }),
});
const servers = advice(
  (all: readonly GatewayServer[]) => (chart) =>
    new Gateway(chart, 'one', { namespace: 'edge', selector: { istio: 'ingress' }, servers: all }),
);
const gateways = advice((all: readonly GatewayServer[]) => (chart) => {
  all.forEach((server, index) => {
    const id = `gateway-${String(index)}`;
    new Gateway(chart, id, { namespace: 'edge', selector: { istio: 'ingress' }, servers: [server] });
  });
});
const pods = (chart: Chart, namespace: string, labels: Labels) =>
  new ApiObject(chart, 'pods', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'ingress', namespace },
    spec: { template: { metadata: { labels } } },
  });
const ingress = { app: 'ingress' };
const targets = [{ kind: 'Gateway', name: 'public' }] as const;
const attached = advice(({ labels, ...props }: Partial<AuthorizationPolicyProps> & { labels?: Labels }) => (chart) => {
  if (labels) {
    pods(chart, 'edge', labels);
    new ApiObject(chart, 'service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'ingress', namespace: 'edge' },
      spec: { selector: ingress, ports: [{ port: 80 }] },
    });
  }
  new KubernetesGateway(chart, 'public', {
    namespace: 'edge',
    listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
    service: 'ingress',
  });
  new AuthorizationPolicy(chart, 'one', { namespace: 'edge', rules: Requests.NONE, ...props });
});
const routed = advice(({ exportTo, place }: { exportTo?: readonly string[]; place?: string }) => (chart) => {
  if (place !== undefined) pods(chart, place, { istio: 'ingress' });
  const gateway = new Gateway(chart, 'g', {
    namespace: 'edge',
    selector: { istio: 'ingress' },
    servers: [{ port: 80, protocol: 'HTTP', hosts: ['a.example.com'] }],
  });
  new TrafficPolicy(chart, 'one', {
    ...{ namespace: 'shop', hosts: ['a.example.com'], gateways: [gateway], exportTo },
    routes: [{ to: [Destination.otherHost('web')] }],
  });
});
const LABEL = { 'gateway.networking.k8s.io/gateway-name': 'public' };

/** Advice about servers of one port, and about what the pods of a gateway use. */
export const edge: readonly AdvisedInput[] = [
  servers(
    'name both in one server',
    [https(['shop/a.example.com'], 'a'), https(['front/a.example.com'], 'b')],
    [https(['shop/a.example.com', 'front/a.example.com'], 'a')],
  ),
  servers(
    'put the hosts into one server, or give each host its own certificate',
    [https(['a.example.com'], 'wild'), https(['b.example.com'], 'wild')],
    [https(['a.example.com', 'b.example.com'], 'wild')],
    [https(['a.example.com'], 'a'), https(['b.example.com'], 'b')],
  ),
  gateways(
    'put the hosts into one server of one Gateway, or give each host its own certificate',
    [https(['a.example.com'], 'wild'), https(['b.example.com'], 'wild')],
    [https(['a.example.com', 'b.example.com'], 'wild')],
    [https(['a.example.com'], 'a'), https(['b.example.com'], 'b')],
  ),
  attached(
    'add this label to the pods, or set workload to their own labels instead of targets',
    { labels: ingress, targets },
    { labels: { ...ingress, ...LABEL }, targets },
    { labels: ingress, workload: ingress },
  ),
  attached(
    'add this label to the pods, or set workload to their own labels instead of targets',
    { targets },
    { workload: ingress },
  ),
  routed(
    "add 'istio-system' to exportTo",
    { place: 'istio-system', exportTo: ['.'] },
    { place: 'istio-system', exportTo: ['.', 'istio-system'] },
    { place: 'istio-system' },
  ),
  routed(
    "add 'edge' to exportTo, unless the pods are in 'shop'",
    { exportTo: ['.'] },
    { exportTo: ['.', 'edge'] },
    { place: 'shop', exportTo: ['.'] },
  ),
];
