export { AuthorizationAction } from './mesh/authorization-action';
export { type AuthorizationOperation } from './mesh/authorization-operation';
export { AuthorizationPolicy, type AuthorizationPolicyProps } from './mesh/authorization-policy';
export { type AuthorizationRule } from './mesh/authorization-rule';
export { type AuthorizationSource, type ServiceAccountName } from './mesh/authorization-source';
export { type CircuitBreaker } from './mesh/circuit-breaker';
export { Condition, type ConditionValues } from './mesh/condition';
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
export { Jwks, type JsonWebKeySet } from './mesh/jwks';
export { JwtAuthentication, type JwtAuthenticationProps } from './mesh/jwt-authentication';
export { type JwtRule } from './mesh/jwt-rule';
export { Match, type StringMatch } from './mesh/match';
export { MeshNamespace, type MeshNamespaceProps, type NamespaceReference } from './mesh/mesh-namespace';
export { MutualTls } from './mesh/mutual-tls';
export { NamespaceOwnership, OWNERSHIP_ANNOTATION } from './mesh/namespace-ownership';
export { type PolicyScope } from './mesh/policy-scope';
export { Requests } from './mesh/requests';
export { RetryOn } from './mesh/retry-on';
export { SidecarInjection } from './mesh/sidecar-injection';
export { StrictPeerAuthentication, type StrictPeerAuthenticationProps } from './mesh/strict-peer-authentication';
export { TokenLocation, type TokenHeaderOptions } from './mesh/token-location';
export { Tokenless } from './mesh/tokenless';
export { Tracing, type OtlpTracingOptions } from './mesh/tracing';
export { TrafficPolicy, type TrafficPolicyProps } from './mesh/traffic-policy';
export { type Retries, type TrafficRoute } from './mesh/traffic-route';
