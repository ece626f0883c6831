export { type AuthoritiesReference, type ClientValidation, type GatewayTlsProps } from './gateway-tls';
export { GRPCRoute, type GRPCRouteProps, type GRPCRouteRule } from './grpc-route';
export { HTTPRoute, type HTTPRouteProps } from './http-route';
export { type RoutePropsBase } from './route';
export {
  type HTTPForwardingRule,
  type HTTPRedirectRule,
  type HTTPRouteRedirect,
  type HTTPRouteRetries,
  type HTTPRouteRewrite,
  type HTTPRouteRule,
  type HTTPRouteRuleBase,
} from './http-route-rule';
export { KubernetesGateway, type GatewayInfrastructure, type KubernetesGatewayProps } from './kubernetes-gateway';
export {
  type AllowedRoutes,
  type HostListenerBase,
  type HttpListener,
  type Listener,
  type ListenerBase,
  type NamespacesAllowed,
  type TcpListener,
  type TlsListener,
} from './listener';
export { ListenerTls, type ListenerCertificate, type ListenerTlsOptions } from './listener-tls';
export { type PathChange } from './path-change';
export {
  ReferenceGrant,
  type ReferenceGrantProps,
  type ReferenceSource,
  type ReferenceTarget,
} from './reference-grant';
export {
  RouteParent,
  type GatewayParentOptions,
  type ParentName,
  type ParentReference,
  type ServiceEntryParentOptions,
  type ServiceParentOptions,
} from './route-parent';
export { TLSRoute, type TLSRouteProps } from './tls-route';
