export { type ContainerResources, type ResourceQuantities } from './container-resources';
export { IstioCharts, type IstioChartName } from './istio-charts';
export { IstioModule } from './istio-module';
export {
  type IngressGateway,
  type IstiodOptions,
  type IstioModuleProps,
  type ProxyOptions,
} from './istio-module-props';
export { type HelmValues } from './istio-values';
export { MINIMUM_ISTIO_VERSION } from './istio-version';
export { OutboundTrafficPolicyMode, type MeshConfig } from './mesh-config';
export { type NamespaceCondition, type NamespaceSelector } from './namespace-selector';
export {
  ForwardClientCertDetails,
  type GatewayTopology,
  type ProxyConfig,
  type ProxyStatsMatcher,
} from './proxy-config';
