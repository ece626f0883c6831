import {
  ClientTls,
  Destination,
  EnvoyFilter,
  EnvoyPatch,
  Fault,
  LocalityLoadBalancing,
  Match,
  Origin,
  Resolution,
  ServiceEntry,
  TrafficExtension,
  TrafficPolicy,
  WasmPlugin,
  WorkloadEntry,
  type PatchOptions,
  type ServiceEntryProps,
  type TrafficExtensionProps,
  type TrafficPolicyProps,
  type TrafficRoute,
  type WasmPluginProps,
  type WorkloadEntryProps,
  ReadinessProbe,
  WorkloadGroup,
} from 'istio-module';
import { advice, anyProps, type AdvisedInput } from './advised-input';

const to = [Destination.host()];
const policy = advice(
  (props: Partial<TrafficPolicyProps>) => (chart) =>
    new TrafficPolicy(chart, 'one', { namespace: 'shop', host: 'web', ...props }),
);
const route = advice(
  (props: Partial<TrafficRoute>) => (chart) =>
    new TrafficPolicy(chart, 'one', { namespace: 'shop', host: 'web', routes: [{ to, ...props } as TrafficRoute] }),
);
const entry = advice(
  (props: Partial<ServiceEntryProps>) => (chart) =>
    new ServiceEntry(chart, 'one', {
      namespace: 'shop',
      hosts: ['api.example.com'],
      ports: [{ number: 443, protocol: 'TLS' }],
      resolution: Resolution.dns(),
      ...props,
    }),
);
const workload = advice(
  (props: Partial<WorkloadEntryProps>) => (chart) => new WorkloadEntry(chart, 'one', { namespace: 'shop', ...props }),
);
const extension = advice(
  (props: Record<string, unknown>) => (chart) =>
    new TrafficExtension(chart, 'one', { namespace: 'shop', ...props } as unknown as TrafficExtensionProps),
);
const plugin = advice(
  (props: Partial<WasmPluginProps>) => (chart) =>
    new WasmPlugin(chart, 'one', { namespace: 'shop', url: 'oci://registry.example.com/plugins/auth:1.0', ...props }),
);
const patch = advice(
  (options: PatchOptions) => (chart) =>
    new EnvoyFilter(chart, 'one', { namespace: 'shop', patches: [EnvoyPatch.cluster({ name: 'a' }, options)] }),
);
const EJECTED = { consecutive5xxErrors: 5 };
const SCRIPT = 'function envoy_on_request(handle) end';

/** Advice about where requests go, and what clients do. */
export const traffic: readonly AdvisedInput[] = [
  policy(
    'set circuitBreaker, such as { consecutive5xxErrors: 5 }',
    { loadBalancing: { locality: LocalityLoadBalancing.failover() } },
    { loadBalancing: { locality: LocalityLoadBalancing.failover() }, circuitBreaker: EJECTED },
  ),
  policy(
    'name one, such as topology.kubernetes.io/zone',
    { circuitBreaker: EJECTED, loadBalancing: { locality: LocalityLoadBalancing.failoverPriority() } },
    {
      circuitBreaker: EJECTED,
      loadBalancing: { locality: LocalityLoadBalancing.failoverPriority('topology.kubernetes.io/zone') },
    },
  ),
  policy(
    'write a lower number, or set consecutive5xxErrors to a higher number or 0',
    { circuitBreaker: { consecutive5xxErrors: 3, consecutiveGatewayErrors: 5 } },
    { circuitBreaker: { consecutive5xxErrors: 3, consecutiveGatewayErrors: 2 } },
    { circuitBreaker: { consecutive5xxErrors: 6, consecutiveGatewayErrors: 5 } },
    { circuitBreaker: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 5 } },
  ),
  policy(
    'name at least one, or leave it out to select all',
    { clients: {}, circuitBreaker: EJECTED },
    { clients: { app: 'shop' }, circuitBreaker: EJECTED },
    { circuitBreaker: EJECTED },
  ),
  policy(
    'set subsets, clientTls or circuitBreaker, or leave clients out',
    { clients: { app: 'shop' }, routes: [{ to }] },
    { clients: { app: 'shop' }, circuitBreaker: EJECTED },
    { routes: [{ to }] },
  ),
  policy(
    'write the path of a file, or leave it out',
    { clientTls: ClientTls.simple({ caCertificates: '' }) },
    { clientTls: ClientTls.simple({ caCertificates: '/tls/ca' }) },
    { clientTls: ClientTls.simple() },
  ),
  policy(
    'set credentialName, or clientCertificate and privateKey',
    { clientTls: ClientTls.mutual({} as { credentialName: string }) },
    { clientTls: ClientTls.mutual({ credentialName: 'client' }) },
    { clientTls: ClientTls.mutual({ clientCertificate: '/tls/crt', privateKey: '/tls/key' }) },
  ),
  policy(
    'write one server name',
    { clientTls: ClientTls.simple({ sni: '*.example.com' }) },
    { clientTls: ClientTls.simple({ sni: 'api.example.com' }) },
  ),
  policy(
    "name at least one, or leave it out to expect the names in the host's ServiceEntry, or the host itself if there are none",
    { clientTls: ClientTls.simple({ subjectAltNames: [] }) },
    { clientTls: ClientTls.simple({ subjectAltNames: ['api.example.com'] }) },
    { clientTls: ClientTls.simple() },
  ),
  policy(
    "name at least one match, such as { sniHosts: ['web.example.com'] }",
    { host: 'web.example.com', tlsRoutes: [{ match: [], to }] },
    { host: 'web.example.com', tlsRoutes: [{ match: [{ sniHosts: ['web.example.com'] }], to }] },
  ),
  policy(
    'add it to the prop hosts, or write a host within them',
    { tlsRoutes: [{ match: [{ sniHosts: ['api.example.com'] }], to }] },
    { hosts: ['web', 'api.example.com'], tlsRoutes: [{ match: [{ sniHosts: ['api.example.com'] }], to }] },
    { tlsRoutes: [{ match: [{ sniHosts: ['web'] }], to }] },
  ),
  policy(
    'leave out headers',
    { tcpRoutes: [{ to: [Destination.host({ headers: { request: { set: { a: 'b' } } } })] }] },
    { tcpRoutes: [{ to }] },
  ),
  policy(
    'name a locality, such as',
    { loadBalancing: { locality: LocalityLoadBalancing.distribute() } },
    { loadBalancing: { locality: LocalityLoadBalancing.distribute({ from: 'eu/*', to: { 'eu/*': 100 } }) } },
  ),
  policy(
    "name at least one namespace, '.' for its own, or leave it out for the default of the mesh",
    { exportTo: [], routes: [{ to }] },
    { exportTo: ['shop'], routes: [{ to }] },
    { exportTo: ['.'], routes: [{ to }] },
    { routes: [{ to }] },
  ),
  policy(
    "leave out the others, or '*'",
    { exportTo: ['*', 'shop'], routes: [{ to }] },
    { exportTo: ['*'], routes: [{ to }] },
    { exportTo: ['shop'], routes: [{ to }] },
  ),
  route(
    'leave gateways out, or leave out what Istio ignores',
    { match: [Match.gateways('mesh').and(Match.sourceLabels({ app: 'shop' }))] },
    { match: [Match.sourceLabels({ app: 'shop' })] },
    { match: [Match.gateways('mesh')] },
  ),
  route('add it to the prop gateways', { match: [Match.gateways('edge/public')] }, { match: [Match.port(80)] }),
  route(
    'leave out retryRemoteLocalities, or allow attempts',
    { retries: { attempts: 0, retryRemoteLocalities: true } },
    { retries: { attempts: 0 } },
    { retries: { attempts: 1, retryRemoteLocalities: true } },
  ),
  route('write a value of RetryOn, or a status such as 503', anyProps({ retries: { attempts: 1, on: ['often'] } }), {
    retries: { attempts: 1, on: [503] },
  }),
  route(
    "write Origin.regex('https://[^.]+\\.example\\.com')",
    { cors: { allowOrigins: [Origin.exact('https://*.example.com')] } },
    { cors: { allowOrigins: [Origin.regex('https://[^.]+\\.example\\.com')] } },
  ),
  route(
    'write it with a scheme, such as https://shop.example.com',
    { cors: { allowOrigins: [Origin.exact('shop.example.com')] } },
    { cors: { allowOrigins: [Origin.exact('https://shop.example.com')] } },
  ),
  route(
    'name an origin, or write Origin.ANY',
    { cors: { allowOrigins: [] } },
    { cors: { allowOrigins: [Origin.exact('https://shop.example.com')] } },
    { cors: { allowOrigins: [Origin.ANY] } },
  ),
  route('leave out the others', { fault: Fault.abort(503).and(Fault.abort(500)) }, { fault: Fault.abort(503) }),
  entry(
    'name at least one, or leave it out to match any',
    { subjectAltNames: [] },
    { subjectAltNames: ['api.example.com'] },
    {},
  ),
  entry("name at least one, such as 'api.example.com'", { hosts: [] }, { hosts: ['api.example.com'] }),
  entry(
    "write '*.example.com', or a host",
    { hosts: ['*'], resolution: Resolution.NONE },
    { hosts: ['*.example.com'], resolution: Resolution.NONE },
    {},
  ),
  entry(
    'use Resolution.DYNAMIC_DNS or NONE, or name endpoints',
    { hosts: ['*.example.com'] },
    { hosts: ['*.example.com'], resolution: Resolution.NONE },
    { hosts: ['*.example.com'], resolution: Resolution.dns({ address: 'api.example.com' }) },
  ),
  entry("write one such as '203.0.113.4'", { addresses: ['api'] }, { addresses: ['203.0.113.4'] }),
  entry(
    "write one such as '203.0.113.4' or '10.0.0.0/8'",
    { addresses: ['api'], resolution: Resolution.NONE },
    { addresses: ['203.0.113.4'], resolution: Resolution.NONE },
    { addresses: ['10.0.0.0/8'], resolution: Resolution.NONE },
  ),
  entry('write IP addresses', { addresses: ['10.0.0.0/8'] }, { addresses: ['10.0.0.1'] }),
  entry(
    'leave them out',
    { hosts: ['*.example.com'], addresses: ['10.0.0.1'], resolution: Resolution.DYNAMIC_DNS },
    { hosts: ['*.example.com'], resolution: Resolution.DYNAMIC_DNS },
  ),

  entry(
    'write one, or use Resolution.dns(…)',
    { resolution: Resolution.static({ address: 'api.example.com' }) },
    { resolution: Resolution.static({ address: '192.0.2.1' }) },
    { resolution: Resolution.dns({ address: 'api.example.com' }) },
  ),
  entry(
    'write unix:///PATH',
    { resolution: Resolution.static({ address: 'unix://socket' }) },
    { resolution: Resolution.static({ address: 'unix:///run/socket' }) },
  ),
  workload('set one', {}, { address: '192.0.2.1' }, { network: 'vms' }),
  extension(
    'set one of them',
    { lua: SCRIPT, wasm: { url: 'oci://a.example.com/b:1' } },
    { lua: SCRIPT },
    { wasm: { url: 'oci://a.example.com/b:1' } },
  ),
  extension('write a script with envoy_on_request or envoy_on_response', { lua: ' ' }, { lua: SCRIPT }),
  extension(
    'write a WebAssembly module instead',
    { lua: 'a'.repeat(65_537) },
    { wasm: { url: 'oci://a.example.com/b:1' } },
  ),
  plugin(
    "write one such as 'oci://registry.example.com/plugins/auth:1.0'",
    { url: 'ftp://a.example.com/b' },
    { url: 'oci://registry.example.com/plugins/auth:1.0' },
  ),
  plugin('write 64 hexadecimal digits in lower case', { sha256: 'A' }, { sha256: 'a'.repeat(64) }),
  plugin('write at most 256', { pluginName: 'a'.repeat(257) }, { pluginName: 'a'.repeat(256) }),
  plugin('write the name of a plugin, or leave it out', { pluginName: '' }, { pluginName: 'auth' }, {}),
  plugin('remove the duplicate', { traffic: [{ ports: [80, 80] }] }, { traffic: [{ ports: [80] }] }),
  plugin('write 1 to 256 characters', { environment: { '': 'a' } }, { environment: { A: 'a' } }),
  patch(
    'write one of ANY, SIDECAR_INBOUND, SIDECAR_OUTBOUND, GATEWAY',
    anyProps({ operation: 'REMOVE', context: 'WAYPOINT' }),
    ...(['ANY', 'SIDECAR_INBOUND', 'SIDECAR_OUTBOUND', 'GATEWAY'] as const).map((context) => ({
      operation: 'REMOVE' as const,
      context,
    })),
  ),
  patch(
    'set value to Envoy configuration',
    { operation: 'MERGE' },
    { operation: 'MERGE', value: { connect_timeout: '5s' } },
  ),
  policy(
    'give it a host name with a ServiceEntry, and write that name',
    { host: '192.0.2.1', circuitBreaker: EJECTED },
    { host: 'db.example.com', circuitBreaker: EJECTED },
  ),
  policy(
    'set host, or leave them out',
    { host: undefined, hosts: ['web'], routes: [{ to: [Destination.otherHost('web')] }], circuitBreaker: EJECTED },
    { circuitBreaker: EJECTED, routes: [{ to }] },
    { host: undefined, hosts: ['web'], routes: [{ to: [Destination.otherHost('web')] }] },
  ),
  policy(
    'set one of them',
    { host: undefined, routes: [{ to: [Destination.otherHost('web')] }] },
    { routes: [{ to }] },
    {
      ...{ host: undefined, hosts: ['web'], routes: [{ to: [Destination.otherHost('web')] }] },
    },
  ),
  policy(
    'set routes, or leave hosts out',
    { hosts: ['web'], circuitBreaker: EJECTED },
    { hosts: ['web'], circuitBreaker: EJECTED, routes: [{ to }] },
    {
      circuitBreaker: EJECTED,
    },
  ),
  policy(
    "write '.'",
    { clients: { app: 'shop' }, exportTo: ['edge'], circuitBreaker: EJECTED },
    { clients: { app: 'shop' }, exportTo: ['.'], circuitBreaker: EJECTED },
  ),
  policy(
    "name a locality, such as { from: 'eu-west/*', to: { 'eu-west/*': 100 } }",
    { circuitBreaker: EJECTED, loadBalancing: { locality: LocalityLoadBalancing.distribute() } },
    {
      circuitBreaker: EJECTED,
      loadBalancing: { locality: LocalityLoadBalancing.distribute({ from: 'eu-west/*', to: { 'eu-west/*': 100 } }) },
    },
  ),
  policy(
    'write weights with a sum of at most 2147483647, in the same proportion',
    {
      routes: [
        {
          to: [
            Destination.host({ weight: 2 ** 31 - 1 }),
            Destination.otherHost('a', { weight: 2 ** 31 - 1 }),
            Destination.otherHost('b', { weight: 2 ** 31 - 1 }),
          ],
        },
      ],
    },
    {
      routes: [
        {
          to: [
            Destination.host({ weight: 1000 }),
            Destination.otherHost('a', { weight: 1000 }),
            Destination.otherHost('b', { weight: 1000 }),
          ],
        },
      ],
    },
  ),
  route(
    "write Match.uri().prefix('/a'), which compares characters",
    { match: [Match.pathPrefix('/a')] },
    { match: [Match.uri().prefix('/a')] },
  ),
  entry('use Resolution.dns()', { resolution: Resolution.DYNAMIC_DNS }, { resolution: Resolution.dns() }),
  entry(
    'write a ServiceEntry for each, with addresses',
    { hosts: ['a.example.com', 'b.example.com'], ports: [{ number: 5432, protocol: 'TCP' }] },
    { hosts: ['a.example.com'], addresses: ['192.0.2.1'], ports: [{ number: 5432, protocol: 'TCP' }] },
  ),
  advice(
    (header: string) => (chart) =>
      new WorkloadGroup(chart, 'one', {
        ...{ namespace: 'shop', template: { serviceAccount: 'vm' } },
        probe: ReadinessProbe.httpGet(8080, { headers: { [header]: 'a' } }),
      }),
  )("write letters, digits and '-'", 'x_a', 'x-a'),
  advice((id: string) => (chart) => new TrafficPolicy(chart, id, { namespace: 'shop', host: 'web', routes: [{ to }] }))(
    'use lower-case letters, digits and hyphens, starting and ending with a letter or digit in the construct id, or set the prop name',
    'Web',
    'web',
  ),
  entry(
    "write one of 'https'",
    {
      ports: [{ number: 443, name: 'https', protocol: 'TLS' }],
      resolution: Resolution.static({ address: '192.0.2.1', ports: { http: 80 } }),
    },
    {
      ports: [{ number: 443, name: 'https', protocol: 'TLS' }],
      resolution: Resolution.static({ address: '192.0.2.1', ports: { https: 8443 } }),
    },
  ),
];
