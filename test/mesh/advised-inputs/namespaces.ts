import {
  MeshNamespace,
  OutboundTrafficPolicyMode,
  PlaintextService,
  PodSecurityLevel,
  Sidecar,
  SidecarInjection,
  type EgressScope,
  type IngressListener,
  type MeshNamespaceProps,
  type SidecarProps,
} from 'istio-module';
import { advice, anyProps, type AdvisedInput } from './advised-input';

const namespace = advice(
  (props: Partial<MeshNamespaceProps>) => (chart) => new MeshNamespace(chart, 'one', { name: 'shop', ...props }),
);
const sidecar = advice((props: SidecarProps) => (chart) => new Sidecar(chart, 'one', { namespace: 'shop', ...props }));
const egress = advice(
  (scope: EgressScope) => (chart) => new Sidecar(chart, 'one', { namespace: 'shop', egress: scope }),
);
const ingress = advice(
  (listener: IngressListener) => (chart) =>
    new Sidecar(chart, 'one', { namespace: 'shop', workload: { app: 'web' }, ingress: [listener] }),
);
const HTTP = { number: 80, protocol: 'HTTP' } as const;
const HTTPS = { number: 443, protocol: 'HTTPS' } as const;
const FILES = { serverCertificate: '/tls/crt', privateKey: '/tls/key' };
const { ALLOW_ANY, REGISTRY_ONLY } = OutboundTrafficPolicyMode;
const proxy = { host: 'egress.edge.svc.cluster.local', port: 80 };

/** Advice about namespaces, and about what their sidecars know. */
export const namespaces: readonly AdvisedInput[] = [
  namespace('write a PodSecurityLevel, one of', anyProps({ podSecurity: { warn: 'high' } }), {
    podSecurity: { warn: PodSecurityLevel.RESTRICTED },
  }),
  namespace(
    "write 'latest', or one such as 'v1.34'",
    anyProps({ podSecurity: { warn: PodSecurityLevel.BASELINE, warnVersion: '1.34' } }),
    { podSecurity: { warn: PodSecurityLevel.BASELINE, warnVersion: 'latest' } },
    { podSecurity: { warn: PodSecurityLevel.BASELINE, warnVersion: 'v1.34' } },
  ),
  namespace(
    'set podSecurity.audit as well',
    { podSecurity: { auditVersion: 'latest' } },
    { podSecurity: { audit: PodSecurityLevel.BASELINE, auditVersion: 'latest' } },
  ),
  namespace(
    'set enforce, audit or warn, or leave it out',
    { podSecurity: {} },
    { podSecurity: { enforce: PodSecurityLevel.PRIVILEGED } },
    { podSecurity: { audit: PodSecurityLevel.RESTRICTED } },
    {},
  ),
  namespace('name a Service, or leave it out', { withoutSidecars: [] }, { withoutSidecars: ['db'] }, {}),
  namespace('name it once', { withoutSidecars: ['db', 'db'] }, { withoutSidecars: ['db'] }),
  namespace(
    'set it there and leave the label out',
    { labels: { 'istio-injection': 'disabled' } },
    { injection: SidecarInjection.DISABLED },
  ),
  namespace('leave it out', { labels: { 'istio.io/dataplane-mode': 'ambient' } }, {}),
  namespace(
    'leave out egress, or change injection',
    { injection: SidecarInjection.DISABLED, egress: { hosts: ['./*'] } },
    { injection: SidecarInjection.DISABLED },
    { egress: { hosts: ['./*'] } },
  ),
  namespace('set it there', { annotations: { 'istio-module/ownership': 'adopted' } }, {}),
  namespace(
    'write SidecarInjection.DISABLED',
    { name: 'kube-system' },
    { name: 'kube-system', injection: SidecarInjection.DISABLED },
  ),
  sidecar(
    'set egress, or ingress',
    {},
    { egress: { hosts: ['./*'] } },
    { workload: { app: 'web' }, ingress: [{ port: HTTP }] },
  ),
  sidecar(
    'add a listener, or leave it out',
    { egress: { hosts: ['./*'] }, ingress: [] },
    { egress: { hosts: ['./*'] } },
  ),
  egress(
    'set hosts, listeners or outboundTrafficPolicy, or leave it out',
    {},
    { hosts: ['./*'] },
    { listeners: [{ port: HTTP, hosts: ['./*'] }] },
    { outboundTrafficPolicy: { mode: REGISTRY_ONLY } },
  ),
  egress(
    "set hosts, or a listener's captureMode",
    { captureMode: 'NONE', listeners: [{ port: HTTP, hosts: ['./*'] }] },
    { captureMode: 'NONE', hosts: ['./*'] },
    { listeners: [{ port: HTTP, hosts: ['./*'], captureMode: 'NONE' }] },
  ),
  egress(
    'write that, or leave egressProxy out',
    { outboundTrafficPolicy: { mode: REGISTRY_ONLY, egressProxy: proxy } },
    { outboundTrafficPolicy: { mode: ALLOW_ANY, egressProxy: proxy } },
    { outboundTrafficPolicy: { mode: REGISTRY_ONLY } },
  ),
  egress(
    'write one host',
    { outboundTrafficPolicy: { mode: ALLOW_ANY, egressProxy: { ...proxy, host: '*.example.com' } } },
    { outboundTrafficPolicy: { mode: ALLOW_ANY, egressProxy: proxy } },
  ),
  egress(
    "name at least one, or write '~/*' for workloads that call no other service",
    { hosts: [] },
    { hosts: ['./*'] },
    { hosts: ['~/*'] },
  ),
  egress(
    "write one such as 'shop/*', './reviews.shop.svc.cluster.local' or '*/*.example.com'",
    anyProps({ hosts: ['shop'] }),
    { hosts: ['shop/*'] },
    { hosts: ['./reviews.shop.svc.cluster.local'] },
    { hosts: ['*/*.example.com'] },
  ),
  egress(
    "write './db.NAMESPACE.svc.cluster.local', if it is a Service",
    { hosts: ['./db'] },
    { hosts: ['./db.shop.svc.cluster.local'] },
  ),
  egress('leave it out, or leave out the others', { hosts: ['~/*', './*'] }, { hosts: ['./*'] }, { hosts: ['~/*'] }),
  egress(
    'write one of HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, HTTP_PROXY, MONGO, MYSQL, REDIS, TCP, TLS',
    anyProps({ listeners: [{ port: { number: 80, protocol: 'FTP' }, hosts: ['./*'] }] }),
    { listeners: [{ port: { number: 80, protocol: 'TCP' }, hosts: ['./*'] }] },
  ),
  egress(
    'put both into one listener, or give one of them another port',
    {
      listeners: [
        { port: HTTP, hosts: ['./*'] },
        { port: HTTP, hosts: ['edge/*'] },
      ],
    },
    { listeners: [{ port: HTTP, hosts: ['./*', 'edge/*'] }] },
    {
      listeners: [
        { port: HTTP, hosts: ['./*'] },
        { port: { ...HTTP, number: 81 }, hosts: ['edge/*'] },
      ],
    },
  ),
  egress(
    "write one such as '127.0.0.1'",
    { listeners: [{ port: HTTP, bind: 'localhost', hosts: ['./*'] }] },
    { listeners: [{ port: HTTP, bind: '127.0.0.1', hosts: ['./*'] }] },
  ),
  egress(
    'write unix:///PATH, or set port.number',
    anyProps({ listeners: [{ port: { protocol: 'HTTP' }, bind: '127.0.0.1', hosts: ['./*'] }] }),
    { listeners: [{ port: { protocol: 'HTTP' }, bind: 'unix:///run/egress', hosts: ['./*'] }] },
    { listeners: [{ port: HTTP, bind: '127.0.0.1', hosts: ['./*'] }] },
  ),
  ingress('write one from 1 to 65535', anyProps({ port: { protocol: 'HTTP' }, bind: 'unix:///run/ingress' }), {
    port: HTTP,
  }),
  ingress(
    'write 127.0.0.1:PORT, [::1]:PORT, 0.0.0.0:PORT, [::]:PORT or unix:///PATH',
    { port: HTTP, defaultEndpoint: '10.0.0.1:8080' },
    ...['127.0.0.1:8080', '[::1]:8080', '0.0.0.0:8080', '[::]:8080', 'unix:///run/web'].map((defaultEndpoint) => ({
      port: HTTP,
      defaultEndpoint,
    })),
  ),
  ingress(
    'write one of them',
    { port: HTTP, tls: { mode: 'SIMPLE', ...FILES } },
    { port: HTTPS, tls: { mode: 'SIMPLE', ...FILES } },
    { port: { ...HTTPS, protocol: 'TLS' }, tls: { mode: 'SIMPLE', ...FILES } },
  ),
  ingress(
    'write the path of a file',
    { port: HTTPS, tls: { mode: 'SIMPLE', ...FILES, privateKey: '' } },
    { port: HTTPS, tls: { mode: 'SIMPLE', ...FILES } },
  ),
  ingress(
    'set it',
    { port: HTTPS, tls: { mode: 'MUTUAL', ...FILES } },
    { port: HTTPS, tls: { mode: 'MUTUAL', ...FILES, caCertificates: '/tls/ca' } },
  ),
  ingress(
    'set maxConnections, or leave it out',
    { port: HTTP, connectionPool: {} },
    { port: HTTP, connectionPool: { maxConnections: 10 } },
    { port: HTTP },
  ),
  advice(
    ({ kind }: { readonly kind: string }) =>
      (chart) =>
        new PlaintextService(chart, 'one', { namespace: 'shop', service: { kind, name: 'db', metadata: {} } }),
  )('name a Service, such as the one that selects its pods', { kind: 'Deployment' }, { kind: 'Service' }),
  egress(
    "add the hosts from which they are excluded, such as '*/*'",
    { hosts: ['~edge/*'] },
    { hosts: ['*/*', '~edge/*'] },
  ),
  namespace(
    "name a Service in 'shop'",
    { withoutSidecars: [{ kind: 'Service', name: 'db', metadata: { namespace: 'other' } }] },
    { withoutSidecars: [{ kind: 'Service', name: 'db', metadata: { namespace: 'shop' } }] },
  ),
];
