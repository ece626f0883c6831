/** What the types of the installation, of namespaces and of telemetry accept, and what they refuse; never run. */
import { Duration, Size, type Chart } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { MutualTls, NamespaceOwnership, WorkloadMode } from 'istio-module';
import {
  AccessLog,
  type AccessLogProvider,
  AccessLogFormat,
  CustomTag,
  IstioCharts,
  IstioMetric,
  IstioModule,
  MeshNamespace,
  MeshTelemetry,
  SidecarInjection,
  TagOverride,
  Tracing,
  type AccessLogSettings,
  type ContainerResources,
  type IstioModuleProps,
  type MeshNamespaceProps,
  type MeshTelemetryProps,
  type ProviderReference,
} from 'istio-module';
import type { Holds, IsReadonly, Same } from './claims';

const version = '1.31.1';
const service = 'collector.telemetry.svc.cluster.local';
const errors = AccessLog.envoyFile({ filter: 'response.code >= 500', format: AccessLogFormat.json() });

export function accepted(chart: Chart): void {
  const istio = new IstioModule(chart, 'istio', {
    version,
    charts: IstioCharts.directory('charts'),
    variant: 'debug',
    mutualTls: false,
    gracefulTermination: Duration.seconds(10),
    proxy: { resources: { requests: { cpu: '50m', memory: Size.mebibytes(64) }, limits: { cpu: Cpu.units(1) } } },
    tracing: Tracing.otlp({ service, port: 4318, http: { path: '/v1/traces', timeout: Duration.seconds(1) } }),
    accessLogs: [errors],
    metrics: { overrides: [{ metric: IstioMetric.REQUEST_COUNT, tags: { path: TagOverride.upsert('request.path') } }] },
    meshConfig: { rootNamespace: 'istio-config', anythingElse: { of: ['the reference'] } },
    values: { cni: { cniBinDir: '/opt/cni/bin' } },
  });
  const name: string = istio.namespaceName;
  new MeshNamespace(chart, name, { name, injection: SidecarInjection.revision('canary') });
  new MeshTelemetry(chart, 'shop', {
    namespace: istio.namespace,
    tracing: { customTags: { a: CustomTag.literal('b') } },
  });
}

export function refused(chart: Chart): void {
  // @ts-expect-error a module needs a version
  new IstioModule(chart, 'no-version', {});
  // @ts-expect-error a version is a string
  new IstioModule(chart, 'number', { version: 1.31 });
  // @ts-expect-error a mode of mutual TLS that Istio does not know
  new IstioModule(chart, 'mode', { version, mutualTls: 'LAX' });
  // @ts-expect-error mutual TLS is a mode, or false to leave it to others: true is neither
  new IstioModule(chart, 'flag', { version, mutualTls: true });
  // @ts-expect-error graceful termination is a Duration, or false: true is neither
  new IstioModule(chart, 'graceful', { version, gracefulTermination: true });
  // @ts-expect-error a variant of the images that does not exist
  new IstioModule(chart, 'variant', { version, variant: 'slim' });
  // @ts-expect-error charts are IstioCharts, not a path
  new IstioModule(chart, 'charts', { version, charts: './charts' });
  // @ts-expect-error a chart that the module does not render
  new IstioModule(chart, 'values', { version, values: { ztunnel: {} } });
  // @ts-expect-error the ownership of a Namespace is a NamespaceOwnership, not a string
  new MeshNamespace(chart, 'ownership', { name: 'shop', ownership: 'adopt' });
  // @ts-expect-error injection is a SidecarInjection, not a flag
  new MeshNamespace(chart, 'injection', { name: 'shop', injection: true });
  // @ts-expect-error a Namespace needs a name
  new MeshNamespace(chart, 'no-name', {});
  // @ts-expect-error providers of traces do not log
  new IstioModule(chart, 'logs', { version, accessLogs: [Tracing.otlp({ service, port: 4317 })] });
  // @ts-expect-error tracing of the whole mesh needs a backend
  new IstioModule(chart, 'tracing', { version, tracing: { samplingPercent: 1 } });
  // @ts-expect-error a tag of spans is a CustomTag, not its value
  new MeshTelemetry(chart, 'tag', { tracing: { customTags: { tenant: 'a' } } });
  // @ts-expect-error an interval is a Duration, not seconds
  new MeshTelemetry(chart, 'interval', { metrics: { reportingInterval: 5 } });
}

export const refusedResources: readonly ContainerResources[] = [
  // @ts-expect-error a quantity is a string or a Cpu: istiod refuses an unquoted number
  { requests: { cpu: 1 } },
  // @ts-expect-error a quantity is a string or a Size, not bytes
  { limits: { memory: 536870912 } },
  // @ts-expect-error memory is not a Cpu
  { limits: { memory: Cpu.millis(100) } },
  // @ts-expect-error a resource that proxies do not have
  { limits: { gpu: '1' } },
];

export const refusedLogs: readonly AccessLogSettings[] = [
  // @ts-expect-error a filter of logs needs providers
  { filter: 'response.code >= 500' },
  // @ts-expect-error logs that are off have nothing to filter
  { disabled: true, filter: 'response.code >= 500' },
];

// @ts-expect-error backends come from Tracing's own methods
export const tracingByHand: Tracing = { providerName: 'otlp', extensionProvider: () => ({ name: 'otlp' }) };

/** Settings of access logs with a filter always have providers. */
export function narrowed(logs: AccessLogSettings): readonly ProviderReference<AccessLogProvider>[] {
  return logs.filter === undefined ? [] : logs.providers;
}

export type Claims = [
  Holds<IsReadonly<IstioModuleProps>>,
  Holds<IsReadonly<MeshNamespaceProps>>,
  Holds<IsReadonly<MeshTelemetryProps>>,
  Holds<IsReadonly<ContainerResources>>,
  Holds<Same<IstioModuleProps['mutualTls'], MutualTls | false | undefined>>,
  Holds<Same<`${NamespaceOwnership}`, 'create' | 'adopt'>>,
  Holds<Same<`${WorkloadMode}`, 'CLIENT_AND_SERVER' | 'CLIENT' | 'SERVER'>>,
];
