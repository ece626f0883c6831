export { type CniOptions } from './cni-options';
export { type ContainerResources, type CpuAmount, type ResourceQuantities } from './container-resources';
export { ExistingIstio, type DefaultExportTo, type ExistingIstioProps } from './existing-istio';
export type { ExportDefault } from './export-defaults';
export {
  type EgressGateway,
  type GatewayOptions,
  type GatewayServiceType,
  type IngressGateway,
} from './gateway-options';
export { IstioCharts, type IstioChartName } from './istio-charts';
export { IstioInstallation } from './istio-installation';
export { IstioModule } from './istio-module';
export { type BaseOptions, type IstioModuleProps, type ProxyOptions } from './istio-module-props';
export { type HelmValues } from './istio-values';
export { MINIMUM_ISTIO_VERSION } from './istio-version';
export { type IstiodOptions, type PodCount, type RollingUpdate } from './istiod-options';
export { OutboundTrafficPolicyMode, type MeshConfig } from './mesh-config';
export { type NamespaceCondition, type NamespaceSelector } from './namespace-selector';
export { type NetworkPolicies } from './network-policies';
export {
  ForwardClientCertDetails,
  type GatewayTopology,
  type ProxyConfig,
  type ProxyStatsMatcher,
} from './proxy-config';
export { type Autoscaling, type Replicas } from './replicas';
