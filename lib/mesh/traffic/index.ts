export { type CircuitBreaker } from './circuit-breaker';
export {
  type ConnectionPool,
  type HttpConnectionPool,
  type TcpConnectionPool,
  type TcpKeepalive,
} from './connection-pool';
export { type CorsMethod, type CorsPolicy, Origin } from './cors-policy';
export { Destination, type DestinationOptions, type OtherHostOptions } from './destination';
export { Fault, type FaultOptions } from './fault';
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
export { LocalityLoadBalancing, type LocalityDistribution, type RegionFailover } from './locality-load-balancing';
export { Match, type StringMatch } from './match';
export { type Comparison, type MatchConditions } from './match-conditions';
export { type HostMirrorOptions, Mirror, type MirrorOptions } from './mirror';
export { type Redirect, type RedirectFields } from './redirect';
export { RetryOn } from './retry-on';
export { type Rewrite, type RewriteFields } from './rewrite';
export {
  type AbTestOptions,
  type BlueGreenOptions,
  type CanaryOptions,
  type DarkLaunchOptions,
  type RouteOptions,
  Routes,
} from './routes';
export { TrafficPolicy, type TrafficPolicyProps } from './traffic-policy';
export {
  type DirectResponse,
  type DirectResponseRoute,
  type ForwardingRoute,
  type NotForwarding,
  type RedirectRoute,
  type Retries,
  type RouteBase,
  type TrafficRoute,
} from './traffic-route';
