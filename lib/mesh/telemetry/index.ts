export { AccessLog, type EnvoyFileAccessLogOptions, type OpenTelemetryAccessLogOptions } from './access-log';
export { AccessLogFormat, type JsonLogFormat } from './access-log-format';
export {
  type AccessLogOptions,
  type AccessLogProvider,
  type AccessLogSettings,
  type DisabledAccessLogs,
  type EnabledAccessLogs,
  type InheritedAccessLogs,
} from './access-log-settings';
export { CustomTag, type CustomTagOptions } from './custom-tag';
export { type ExtensionProvider, type ProviderReference, type ProviderSource } from './extension-provider';
export { MeshTelemetry, type MeshTelemetryProps } from './mesh-telemetry';
export {
  IstioMetric,
  TagOverride,
  type MeshMetrics,
  type MetricOverride,
  type MetricsSettings,
} from './metrics-settings';
export { type ProviderAddress } from './provider-address';
export { type TelemetrySettings } from './telemetry-settings';
export { Tracing, type OtlpHttpOptions, type OtlpTracingOptions, type ZipkinTracingOptions } from './tracing';
export { type TracingOptions, type TracingProvider, type TracingSettings } from './tracing-settings';
export { WorkloadMode } from './workload-mode';
