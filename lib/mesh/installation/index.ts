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
export { OutboundTrafficPolicyMode, type MeshConfig, type ProxyConfig } from './mesh-config';
export { MINIMUM_ISTIO_VERSION } from './istio-version';
