export { type CircuitBreaker, type ConnectionLimits } from './circuit-breaker';
export {
  ClientTls,
  type AuthoritiesFromFile,
  type FromFiles,
  type FromSecret,
  type MutualClientTlsOptions,
  type ServerIdentity,
  type SimpleClientTlsOptions,
  type UnverifiedServer,
  type VerifiedServer,
} from './client-tls';
export { type TcpMatch, type TlsMatch } from './connection-match';
export {
  type ConnectionPool,
  type Http2KeepAlive,
  type HttpConnectionPool,
  type TcpConnectionPool,
  type TcpKeepalive,
} from './connection-pool';
export { type TcpRoute, type TlsRoute } from './connection-route';
export { type CorsMethod, type CorsPolicy, Origin } from './cors-policy';
export { Destination, type DestinationOptions, type OtherHostOptions } from './destination';
export { type DestinationPolicy, type PortPolicy } from './destination-policy';
export { Fault, type FaultOptions } from './fault';
export {
  Gateway,
  type GatewayProps,
  type GatewayPropsBase,
  type InstalledGatewayProps,
  type SelectedGatewayProps,
} from './gateway';
export { type GatewayConstruct, type GatewayReference } from './gateway-name';
export {
  type GatewayServer,
  type GatewayServerBase,
  type HttpGatewayServer,
  type TcpGatewayServer,
  type TlsGatewayServer,
} from './gateway-server';
export { GatewayServers, type HttpsServersOptions } from './gateway-servers';
export { GrpcStatus } from './grpc-status';
export { type HeaderChanges, type HeaderOperations } from './header-changes';
export { type LoadBalancing, type Warmup } from './load-balancing';
export {
  HashKey,
  LoadBalancingAlgorithm,
  type HashCookieOptions,
  type MaglevOptions,
  type RingHashOptions,
} from './load-balancing-algorithm';
export {
  LocalityLoadBalancing,
  type LocalityDistribution,
  type RegionFailover,
  type ZoneAwareOptions,
} from './locality-load-balancing';
export { type GrpcMethod, Match, type StringMatch } from './match';
export { type Comparison, type MatchConditions } from './match-conditions';
export { type HostMirrorOptions, Mirror, type MirrorOptions } from './mirror';
export { type ProxyProtocolVersion } from './proxy-protocol';
export { type Redirect, type RedirectFields } from './redirect';
export { Resolution, type ServiceEndpoint } from './resolution';
export { type RetryCondition, RetryOn } from './retry-on';
export { type Rewrite, type RewriteFields } from './rewrite';
export {
  type AbTestOptions,
  type BlueGreenOptions,
  type CanaryOptions,
  type DarkLaunchOptions,
  type RouteOptions,
  Routes,
} from './routes';
export {
  ServerTls,
  type CertificateFiles,
  type CertificatesFromFiles,
  type CertificatesFromSecrets,
  type CipherSuite,
  type ClientAuthoritiesFromFile,
  type ClientVerification,
  type MutualTlsOptions,
  type SimpleTlsOptions,
  type TlsParameters,
  type TlsVersion,
} from './server-tls';
export { ServiceEntry, ServiceLocation, type ServiceEntryProps } from './service-entry';
export { type ServiceEntryPort, type ServiceProtocol } from './service-entry-ports';
export { Subset } from './subset';
export { TrafficPolicy } from './traffic-policy';
export {
  type HostPolicyProps,
  type RoutesPolicyProps,
  type TrafficPolicyProps,
  type TrafficPolicyPropsBase,
} from './traffic-policy-props';
export {
  type DelegateName,
  type DelegatePolicy,
  type DelegateRoute,
  type DirectResponse,
  type DirectResponseRoute,
  type ForwardingOptions,
  type ForwardingRoute,
  type NotForwarding,
  type RedirectRoute,
  type Retries,
  type RouteBase,
  type TrafficRoute,
} from './traffic-route';
export { type Tunnel } from './tunnel';
export { WorkloadEntry, type WorkloadEntryProps } from './workload-entry';
export {
  ReadinessProbe,
  WorkloadGroup,
  type HttpProbeOptions,
  type ProbeOptions,
  type WorkloadGroupProps,
  type WorkloadTemplate,
} from './workload-group';
