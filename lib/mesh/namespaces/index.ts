export { type EgressHost } from './egress-host';
export {
  type EgressListener,
  type EgressProxy,
  type EgressScope,
  type SidecarOutboundTrafficPolicy,
} from './egress-scope';
export { type InboundConnectionPool } from './inbound-connection-pool';
export { type IngressListener } from './ingress-listener';
export { type IngressTls } from './ingress-tls';
export { MeshNamespace, type MeshNamespaceProps } from './mesh-namespace';
export { NamespaceOwnership, OWNERSHIP_ANNOTATION } from './namespace-ownership';
export { type NamespaceConstruct, type NamespaceReference } from './namespace-reference';
export { PlaintextService, type PlaintextServiceOptions, type PlaintextServiceProps } from './plaintext-service';
export { type PodSecurity, PodSecurityLevel, type PodSecurityVersion } from './pod-security';
export { type ServiceObject, type ServiceReference } from './service-reference';
export { Sidecar, type SidecarProps } from './sidecar';
export { SidecarInjection } from './sidecar-injection';
export {
  type CaptureMode,
  type SidecarListener,
  type SidecarPort,
  type SidecarProtocol,
  type SocketListener,
} from './sidecar-port';
