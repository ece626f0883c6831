export { type CircuitBreaker } from './mesh/circuit-breaker';
export {
  type ConnectionPool,
  type HttpConnectionPool,
  type TcpConnectionPool,
  type TcpKeepalive,
} from './mesh/connection-pool';
export { type ContainerResources, type ResourceQuantities } from './mesh/container-resources';
export { type CorsMethod, type CorsPolicy, Origin } from './mesh/cors-policy';
export { Destination, type DestinationOptions, type OtherHostOptions } from './mesh/destination';
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
export { type HostMirrorOptions, Mirror, type MirrorOptions } from './mesh/mirror';
export { MutualTls } from './mesh/mutual-tls';
export { NamespaceOwnership, OWNERSHIP_ANNOTATION } from './mesh/namespace-ownership';
export { type Redirect } from './mesh/redirect';
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
export { Tracing, type OtlpTracingOptions } from './mesh/tracing';
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
