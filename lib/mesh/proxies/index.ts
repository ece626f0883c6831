export { ClusterSize, type ClusterCapacity } from './cluster-size';
export { ProxyLogLevel } from './proxy-log-level';
export { type SidecarRedirection } from './sidecar-redirection';
export { PodInjection, SidecarSettings, type PodMetadataHolder, type SidecarSettingsOptions } from './sidecar-settings';
export { type SidecarVolume } from './sidecar-volume';
export { WorkloadProxyConfig, type WorkloadProxyConfigProps } from './workload-proxy-config';
