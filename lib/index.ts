export { AccessLog, type EnvoyFileAccessLogOptions, type OpenTelemetryAccessLogOptions } from './mesh/access-log';
export { AccessLogFormat, type JsonLogFormat } from './mesh/access-log-format';
export {
  type AccessLogOptions,
  type AccessLogSettings,
  type DisabledAccessLogs,
  type EnabledAccessLogs,
} from './mesh/access-log-settings';
export { AuthorizationAction } from './mesh/authorization-action';
export { type AuthorizationOperation } from './mesh/authorization-operation';
export { AuthorizationPolicy, type AuthorizationPolicyProps } from './mesh/authorization-policy';
export { type AuthorizationRule } from './mesh/authorization-rule';
export { type AuthorizationSource, type ServiceAccountName } from './mesh/authorization-source';
export { type CircuitBreaker } from './mesh/circuit-breaker';
export { Condition, type ConditionValues } from './mesh/condition';
export {
  type ConnectionPool,
  type HttpConnectionPool,
  type TcpConnectionPool,
  type TcpKeepalive,
} from './mesh/connection-pool';
export { type ContainerResources, type ResourceQuantities } from './mesh/container-resources';
export { type CorsMethod, type CorsPolicy, Origin } from './mesh/cors-policy';
export { CustomTag, type CustomTagOptions } from './mesh/custom-tag';
export { Destination, type DestinationOptions, type OtherHostOptions } from './mesh/destination';
export { type ExtensionProvider, type ProviderReference, type ProviderSource } from './mesh/extension-provider';
export { Fault, type FaultOptions } from './mesh/fault';
export { GrpcStatus } from './mesh/grpc-status';
export { type HeaderChanges, type HeaderOperations } from './mesh/header-changes';
export { IstioCharts, type IstioChartName } from './mesh/istio-charts';
export { IstioModule } from './mesh/istio-module';
export {
  type IngressGateway,
  type IstiodOptions,
  type IstioModuleProps,
  type MeshConfig,
  type ProxyConfig,
  type ProxyOptions,
} from './mesh/istio-module-props';
export { type HelmValues } from './mesh/istio-values';
export { MINIMUM_ISTIO_VERSION } from './mesh/istio-version';
export { Jwks, type JsonWebKeySet } from './mesh/jwks';
export { JwtAuthentication, type JwtAuthenticationProps } from './mesh/jwt-authentication';
export { type JwtRule } from './mesh/jwt-rule';
export { type LoadBalancing, type Warmup } from './mesh/load-balancing';
export {
  HashKey,
  LoadBalancingAlgorithm,
  type HashCookieOptions,
  type MaglevOptions,
  type RingHashOptions,
} from './mesh/load-balancing-algorithm';
export { LocalityLoadBalancing, type LocalityDistribution, type RegionFailover } from './mesh/locality-load-balancing';
export { Match, type StringMatch } from './mesh/match';
export { MeshNamespace, type MeshNamespaceProps, type NamespaceReference } from './mesh/mesh-namespace';
export { MeshTelemetry, type MeshTelemetryProps } from './mesh/mesh-telemetry';
export {
  IstioMetric,
  TagOverride,
  type MeshMetrics,
  type MetricOverride,
  type MetricsSettings,
} from './mesh/metrics-settings';
export { type HostMirrorOptions, Mirror, type MirrorOptions } from './mesh/mirror';
export { MutualTls } from './mesh/mutual-tls';
export { NamespaceOwnership, OWNERSHIP_ANNOTATION } from './mesh/namespace-ownership';
export { type PolicyScope } from './mesh/policy-scope';
export { type ProviderAddress } from './mesh/provider-address';
export { type Redirect } from './mesh/redirect';
export { Requests } from './mesh/requests';
export { RetryOn } from './mesh/retry-on';
export { type Rewrite } from './mesh/rewrite';
export {
  type AbTestOptions,
  type BlueGreenOptions,
  type CanaryOptions,
  type DarkLaunchOptions,
  type RouteOptions,
  Routes,
} from './mesh/routes';
export { SidecarInjection } from './mesh/sidecar-injection';
export { StrictPeerAuthentication, type StrictPeerAuthenticationProps } from './mesh/strict-peer-authentication';
export { type TelemetrySettings } from './mesh/telemetry-settings';
export { TokenLocation, type TokenHeaderOptions } from './mesh/token-location';
export { Tokenless } from './mesh/tokenless';
export { Tracing, type OtlpHttpOptions, type OtlpTracingOptions } from './mesh/tracing';
export { type TracingOptions, type TracingSettings } from './mesh/tracing-settings';
export { TrafficPolicy, type TrafficPolicyProps } from './mesh/traffic-policy';
export {
  type DirectResponse,
  type DirectResponseRoute,
  type ForwardingRoute,
  type RedirectRoute,
  type Retries,
  type RouteBase,
  type TrafficRoute,
} from './mesh/traffic-route';
export { WorkloadMode } from './mesh/workload-mode';
