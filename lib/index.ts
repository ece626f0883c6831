export { type CircuitBreaker } from './mesh/circuit-breaker';
export { type ContainerResources, type ResourceQuantities } from './mesh/container-resources';
export { Destination, type DestinationOptions } from './mesh/destination';
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
export { Match, type StringMatch } from './mesh/match';
export { MeshNamespace, type MeshNamespaceProps, type NamespaceReference } from './mesh/mesh-namespace';
export { MutualTls } from './mesh/mutual-tls';
export { NamespaceOwnership, OWNERSHIP_ANNOTATION } from './mesh/namespace-ownership';
export { RetryOn } from './mesh/retry-on';
export { SidecarInjection } from './mesh/sidecar-injection';
export { StrictPeerAuthentication, type StrictPeerAuthenticationProps } from './mesh/strict-peer-authentication';
export { Tracing, type OtlpTracingOptions } from './mesh/tracing';
export { TrafficPolicy, type TrafficPolicyProps } from './mesh/traffic-policy';
export { type Retries, type TrafficRoute } from './mesh/traffic-route';
