import { Duration, Size } from 'cdk8s';
import {
  AccessLog,
  AccessLogFormat,
  ClusterSize,
  ExistingIstio,
  type ExistingIstioProps,
  IstioModule,
  MutualTls,
  PeerAuthentication,
  PodInjection,
  SidecarSettings,
  Tracing,
  WorkloadProxyConfig,
  type IstioModuleProps,
  type SidecarSettingsOptions,
  type WorkloadProxyConfigProps,
  IstioCharts,
} from 'istio-module';
import { FAKE_HELM, fakeModule } from '../synthesis';
import { advice, anyProps, type AdvisedInput } from './advised-input';

const installed = advice((props: Partial<IstioModuleProps>) => (chart) => fakeModule(chart, props));
const beside = advice((props: Partial<IstioModuleProps>) => (chart) => {
  const stable = fakeModule(chart, { revision: '1-31-1', revisionTags: ['stable'] });
  new IstioModule(chart, 'canary', {
    ...{ version: '1.31.1', revision: 'canary', beside: stable, helmExecutable: FAKE_HELM },
    ...props,
  });
});
const existing = advice((props: ExistingIstioProps) => (chart) => new ExistingIstio(chart, 'istio', props));
const settings = advice((options: SidecarSettingsOptions) => () => new SidecarSettings(options));
const proxyConfig = advice(
  (props: WorkloadProxyConfigProps) => (chart) =>
    new WorkloadProxyConfig(chart, 'one', { namespace: 'shop', ...props }),
);
const rooted = advice(
  ({ workload, namespace }: { workload?: Record<string, string>; namespace: string }) =>
    (chart) => {
      fakeModule(chart, { mutualTls: false });
      new PeerAuthentication(chart, 'one', { namespace, workload, mode: MutualTls.STRICT });
    },
);
const gateway = { name: 'public', namespace: 'edge' };
const collector = { service: 'collector.telemetry.svc.cluster.local', port: 4317 };
const volume = { name: 'certs', source: { secret: { secretName: 'client-certs' } }, mountPath: '/etc/client-certs' };

/** Advice about an installation of Istio, and about proxies. */
export const installation: readonly AdvisedInput[] = [
  installed("write MAJOR.MINOR.PATCH, such as '1.31.1'", { version: '1.31' }, { version: '1.31.1' }),
  installed('use a version of at least 1.24.0, below 2.0.0', { version: '1.20.0' }, { version: '1.24.0' }),
  installed("write MAJOR.MINOR, such as '1.30'", { compatibilityVersion: '1.30.0' }, { compatibilityVersion: '1.30' }),
  installed(
    'write an earlier minor version, or leave it out',
    { compatibilityVersion: '1.32' },
    { compatibilityVersion: '1.30' },
    {},
  ),
  installed('leave the prop out', { revision: 'default' }, {}),
  installed(
    "write at most 56 lower-case letters, digits and hyphens, such as '1-31-1'",
    { revision: '1.31.1' },
    { revision: '1-31-1' },
  ),
  installed(
    "write another, such as 'v1'",
    { revision: 'a', revisionTags: ['1'] },
    { revision: 'a', revisionTags: ['v1'] },
  ),
  installed(
    "write at most 43 lower-case letters, digits and hyphens, such as 'stable'",
    { revision: 'a', revisionTags: ['A'] },
    { revision: 'a', revisionTags: ['stable'] },
  ),
  installed('leave one out', { revision: 'a', revisionTags: ['b', 'b'] }, { revision: 'a', revisionTags: ['b'] }),
  installed(
    'leave it out, or write another',
    { revision: 'a', revisionTags: ['a'] },
    { revision: 'a' },
    { revision: 'a', revisionTags: ['b'] },
  ),
  installed(
    'leave it out, or set the prop revision',
    { revisionTags: ['default'] },
    {},
    { revision: 'a', revisionTags: ['default'] },
  ),
  installed(
    'write 2048, 3072 or 4096',
    anyProps({ istiod: { caKeySize: 1024 } }),
    ...([2048, 3072, 4096] as const).map((caKeySize) => ({ istiod: { caKeySize } })),
  ),
  installed(
    "write a whole number of at least 0, or a share such as '25%'",
    anyProps({ istiod: { rollingUpdate: { maxSurge: 'some' } } }),
    { istiod: { rollingUpdate: { maxSurge: 1 } } },
    { istiod: { rollingUpdate: { maxSurge: '25%' } } },
  ),
  installed(
    "write at most '100%'",
    { istiod: { rollingUpdate: { maxUnavailable: '101%' } } },
    { istiod: { rollingUpdate: { maxUnavailable: '100%' } } },
  ),
  installed(
    'set both, with min not above max',
    { istiod: { replicas: { min: 9 } } },
    { istiod: { replicas: { min: 9, max: 10 } } },
  ),
  installed(
    "write a number with an optional unit, such as '500m' or '2'",
    { istiod: { resources: { requests: { cpu: 'two' } } } },
    { istiod: { resources: { requests: { cpu: '500m' } } } },
    { istiod: { resources: { requests: { cpu: '2' } } } },
  ),
  installed(
    "write a number with an optional unit, such as '512Mi' or '1Gi'",
    { istiod: { resources: { requests: { memory: '1 GB' } } } },
    { istiod: { resources: { requests: { memory: '512Mi' } } } },
    { istiod: { resources: { requests: { memory: '1Gi' } } } },
  ),
  installed(
    'write the cores of all nodes, more than 0',
    { clusterSize: ClusterSize.of({ cpus: 0, memory: Size.gibibytes(8) }) },
    { clusterSize: ClusterSize.of({ cpus: 4, memory: Size.gibibytes(8) }) },
  ),
  installed(
    'write the memory of all nodes, more than 0',
    { clusterSize: ClusterSize.of({ cpus: 4, memory: Size.gibibytes(0) }) },
    { clusterSize: ClusterSize.of({ cpus: 4, memory: Size.gibibytes(8) }) },
  ),
  installed(
    'leave it out, or set serviceType',
    { egressGateways: [{ ...gateway, externalTrafficPolicy: 'Local' }] },
    { egressGateways: [gateway] },
    { egressGateways: [{ ...gateway, externalTrafficPolicy: 'Local', serviceType: 'LoadBalancer' }] },
  ),
  installed(
    'give each a different name',
    { ingressGateways: [gateway, gateway] },
    { ingressGateways: [gateway, { ...gateway, name: 'other' }] },
  ),
  installed(
    'write Duration.seconds(1) or more, or false to disable it',
    { gracefulTermination: Duration.millis(500) },
    { gracefulTermination: Duration.seconds(1) },
    { gracefulTermination: false },
  ),
  installed(
    'write less, or set a longer terminationGracePeriodSeconds on pods',
    { gracefulTermination: Duration.seconds(60) },
    { gracefulTermination: Duration.seconds(20) },
  ),
  installed(
    "write Duration.seconds(1) or more, or a string such as '1m30s'",
    { defaultConfig: { drainDuration: '500ms' } },
    { defaultConfig: { drainDuration: Duration.seconds(1) } },
    { defaultConfig: { drainDuration: '1m30s' } },
  ),
  installed(
    'set inclusionPrefixes, inclusionSuffixes or inclusionRegexps, or leave it out',
    { defaultConfig: { proxyStatsMatcher: {} } },
    { defaultConfig: { proxyStatsMatcher: { inclusionPrefixes: ['cluster.outbound'] } } },
    { defaultConfig: { proxyStatsMatcher: { inclusionSuffixes: ['upstream_rq'] } } },
    { defaultConfig: { proxyStatsMatcher: { inclusionRegexps: ['cluster.*'] } } },
  ),
  installed(
    "write one such as 'cluster.outbound'",
    { defaultConfig: { proxyStatsMatcher: { inclusionPrefixes: ['a b'] } } },
    { defaultConfig: { proxyStatsMatcher: { inclusionPrefixes: ['cluster.outbound'] } } },
  ),
  installed(
    'write a string without quotation marks, backslashes or line breaks',
    { defaultConfig: { proxyMetadata: { A: '"' } } },
    { defaultConfig: { proxyMetadata: { A: 'a' } } },
  ),
  installed(
    "write a name such as 'ISTIO_META_NETWORK'",
    { defaultConfig: { proxyMetadata: { '1A': 'a' } } },
    { defaultConfig: { proxyMetadata: { ISTIO_META_NETWORK: 'a' } } },
  ),
  installed(
    "write a domain name in lower case, such as 'prod.example.com'",
    { meshConfig: { trustDomain: 'Prod' } },
    { meshConfig: { trustDomain: 'prod.example.com' } },
  ),
  installed(
    'write a selector, or leave it out',
    { meshConfig: { discoverySelectors: [] } },
    { meshConfig: { discoverySelectors: [{ matchLabels: { 'kubernetes.io/metadata.name': 'istio-system' } }] } },
    {},
  ),
  installed(
    'write matchLabels or matchExpressions, or leave out meshConfig.discoverySelectors',
    { meshConfig: { discoverySelectors: [{}] } },
    { meshConfig: { discoverySelectors: [{ matchLabels: { 'kubernetes.io/metadata.name': 'istio-system' } }] } },
    {
      meshConfig: {
        discoverySelectors: [{ matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'Exists' }] }],
      },
    },
  ),
  installed(
    'add AccessLog.envoyFile() to accessLogs instead',
    { accessLogFile: '/dev/stdout', accessLogs: [AccessLog.openTelemetry(collector)] },
    { accessLogs: [AccessLog.openTelemetry(collector), AccessLog.envoyFile()] },
  ),
  installed(
    'leave out the latter',
    { metrics: { merge: true }, meshConfig: { enablePrometheusMerge: true } },
    { metrics: { merge: true } },
  ),
  installed(
    'write command operators such as %RESPONSE_CODE%',
    { accessLogs: [AccessLog.envoyFile({ format: AccessLogFormat.text(' ') })] },
    { accessLogs: [AccessLog.envoyFile({ format: AccessLogFormat.text('%RESPONSE_CODE%') })] },
  ),
  installed(
    'write an operator such as %RESPONSE_CODE%, or %% for a percent sign',
    { accessLogs: [AccessLog.envoyFile({ format: AccessLogFormat.text('100%') })] },
    { accessLogs: [AccessLog.envoyFile({ format: AccessLogFormat.text('%RESPONSE_CODE%') })] },
    { accessLogs: [AccessLog.envoyFile({ format: AccessLogFormat.text('100%%') })] },
  ),
  installed(
    "write one such as '/dev/stdout'",
    { accessLogs: [AccessLog.envoyFile({ path: 'log' })] },
    { accessLogs: [AccessLog.envoyFile({ path: '/dev/stdout' })] },
  ),
  installed(
    "write an expression such as 'response.code >= 500', or leave it out",
    { accessLogs: [AccessLog.envoyFile({ filter: '' })] },
    { accessLogs: [AccessLog.envoyFile({ filter: 'response.code >= 500' })] },
    { accessLogs: [AccessLog.envoyFile()] },
  ),
  installed(
    "write the name of the collector's Service, without a port",
    { tracing: Tracing.otlp({ ...collector, service: 'collector:4317' }) },
    { tracing: Tracing.otlp(collector) },
  ),
  installed(
    "write the full one, such as 'collector.telemetry.svc.cluster.local'",
    { tracing: Tracing.otlp({ ...collector, service: 'collector' }) },
    { tracing: Tracing.otlp({ ...collector, service: 'collector.telemetry.svc.cluster.local' }) },
  ),
  installed(
    'write a whole number from 1 to 65535, such as 4317',
    { tracing: Tracing.otlp({ ...collector, port: 0 }) },
    { tracing: Tracing.otlp({ ...collector, port: 4317 }) },
  ),
  beside('give one of them another', { revision: '1-31-1' }, { revision: 'canary' }),
  beside('give one of them another', { revisionTags: ['stable'] }, { revisionTags: ['latest'] }),
  beside("set the prop revision, such as '1-31-1'", { revision: undefined }, { revision: '1-31-2' }),
  beside('set it there', { mutualTls: MutualTls.PERMISSIVE }, {}),
  existing(
    'name at least one, or leave the prop out for the default control plane',
    { revisions: [] },
    { revisions: ['stable'] },
    {},
  ),
  existing(
    "write '*', '.' or '~'",
    { defaultExportTo: { services: 'shop' as '.' } },
    { defaultExportTo: { services: '*' } },
    { defaultExportTo: { services: '.' } },
    { defaultExportTo: { services: '~' } },
  ),
  rooted(
    'leave workload out to apply it to the mesh, or move the workload to another namespace',
    { namespace: 'istio-system', workload: { app: 'web' } },
    { namespace: 'istio-system' },
    { namespace: 'shop', workload: { app: 'web' } },
  ),
  settings('set an option', {}, { nativeSidecar: true }),
  settings(
    'leave out one or the other',
    { injection: PodInjection.DISABLED, nativeSidecar: true },
    { injection: PodInjection.DISABLED },
    { nativeSidecar: true },
  ),
  settings(
    "write one such as 'registry.example.com/istio/proxyv2:1.31.1-fips'",
    { image: 'proxyv2' },
    { image: 'registry.example.com/istio/proxyv2:1.31.1-fips' },
  ),
  settings(
    "write one such as 'http'",
    anyProps({ componentLogLevels: { 'HTTP ': 'debug' } }),
    anyProps({ componentLogLevels: { http: 'debug' } }),
  ),
  settings(
    'leave it out of one of them',
    { includeOutboundPorts: [80], excludeOutboundPorts: [80] },
    { includeOutboundPorts: [80] },
    { excludeOutboundPorts: [80] },
  ),
  settings(
    'leave out one of them',
    { includeInboundPorts: [80], excludeInboundPorts: [81] },
    { includeInboundPorts: [80] },
    { excludeInboundPorts: [81] },
  ),
  settings(
    "write one such as '10.0.0.0/8' or '203.0.113.4/32'",
    { excludeOutboundIPRanges: ['10.0.0.1'] },
    { excludeOutboundIPRanges: ['10.0.0.0/8'] },
    { excludeOutboundIPRanges: ['203.0.113.4/32'] },
  ),
  settings(
    'give each a different name',
    { volumes: [volume, volume] },
    { volumes: [volume, { ...volume, name: 'other', mountPath: '/other' }] },
  ),
  settings(
    "write one, such as { secret: { secretName: 'client-certs' } }",
    { volumes: [{ ...volume, source: {} }] },
    { volumes: [volume] },
  ),
  settings(
    "write one such as '/etc/client-certs'",
    { volumes: [{ ...volume, mountPath: 'certs' }] },
    { volumes: [volume] },
  ),
  proxyConfig(
    "write a name such as 'ISTIO_META_NETWORK'",
    { environmentVariables: { '1A': 'a' } },
    { environmentVariables: { ISTIO_META_NETWORK: 'a' } },
  ),
  proxyConfig("write one such as 'distroless'", { imageType: 'a b' }, { imageType: 'distroless' }),
  installed(
    'write docker.io/istio instead, or a mirror of your own',
    { hub: 'gcr.io/istio-release' },
    { hub: 'docker.io/istio' },
    { hub: 'registry.example.com/istio' },
  ),
  installed(
    "write one such as 'oci://registry.example.com/charts'",
    { charts: IstioCharts.oci('https://registry.example.com/charts') },
    { charts: IstioCharts.oci('oci://registry.example.com/charts') },
  ),
];
