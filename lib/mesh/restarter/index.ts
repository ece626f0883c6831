export { RestarterMode, type AfterSyncOptions, type ScheduleOptions, type WatchOptions } from './restarter-mode';
export { type RestarterMonitoring } from './restarter-monitoring';
export { type RestarterNetworkPolicy } from './restarter-network-policy';
export { type RestarterOptions } from './restarter-options';
export { SidecarRestarter, type SidecarRestarterProps } from './sidecar-restarter';
