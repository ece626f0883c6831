export { EnvoyFilter, type EnvoyFilterProps } from './envoy-filter';
export {
  EnvoyPatch,
  type ClusterMatch,
  type FilterClass,
  type ListenerMatch,
  type PatchContext,
  type PatchOperation,
  type PatchOptions,
  type RouteConfigurationMatch,
} from './envoy-patch';
export { WasmPlugin, type WasmPluginPhase, type WasmPluginProps, type WasmTraffic } from './wasm-plugin';
