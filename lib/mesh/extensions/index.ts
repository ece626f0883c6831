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
export { type ExtensionPhase, type ExtensionPlace, type ExtensionTraffic } from './extension-place';
export {
  TrafficExtension,
  type LuaExtensionProps,
  type TrafficExtensionProps,
  type TrafficExtensionPropsBase,
  type WasmExtensionProps,
} from './traffic-extension';
export { type WasmModule } from './wasm-module';
export { WasmPlugin, type WasmPluginProps } from './wasm-plugin';
