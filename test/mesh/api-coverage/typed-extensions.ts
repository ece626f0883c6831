import {
  EnvoyPatch,
  type EnvoyFilterProps,
  type ExtensionPlace,
  type ListenerMatch,
  type PatchOptions,
  type RouteConfigurationMatch,
  type TrafficExtensionProps,
  type WasmModule,
  type WasmPluginProps,
  type WorkloadMode,
  type WorkloadProxyConfigProps,
} from 'istio-module';
import { Fields } from './fields';
import { scope } from './typed-policies';

export function envoyFilterProps(spec: Fields, namespace: string): EnvoyFilterProps {
  return {
    ...scope(spec, namespace),
    priority: spec.number('priority'),
    patches: spec.list('configPatches').map(patch),
  };
}

function patch(fields: Fields): EnvoyPatch {
  const [match, change] = [fields.of('match'), fields.of('patch')];
  const options: PatchOptions = {
    operation: change?.text('operation') ?? 'MERGE',
    value: change?.open('value'),
    filterClass: change?.text('filterClass'),
    context: match?.text('context'),
    proxy: match?.open('proxy'),
  };
  const listener = (match?.open('listener') ?? {}) as ListenerMatch;
  const routes = (match?.open('routeConfiguration') ?? {}) as RouteConfigurationMatch;
  switch (fields.text('applyTo')) {
    case 'LISTENER':
      return EnvoyPatch.listener(listener, options);
    case 'LISTENER_FILTER':
      return EnvoyPatch.listenerFilter(listener, options);
    case 'FILTER_CHAIN':
      return EnvoyPatch.filterChain(listener, options);
    case 'NETWORK_FILTER':
      return EnvoyPatch.networkFilter(listener, options);
    case 'HTTP_FILTER':
      return EnvoyPatch.httpFilter(listener, options);
    case 'ROUTE_CONFIGURATION':
      return EnvoyPatch.routeConfiguration(routes, options);
    case 'VIRTUAL_HOST':
      return EnvoyPatch.virtualHost(routes, options);
    case 'HTTP_ROUTE':
      return EnvoyPatch.httpRoute(routes, options);
    case 'CLUSTER':
      return EnvoyPatch.cluster(match?.open('cluster') ?? {}, options);
    case 'EXTENSION_CONFIG':
      return EnvoyPatch.extensionConfig(options);
    case 'BOOTSTRAP':
      return EnvoyPatch.bootstrap(options);
    default:
      throw new Error(`no construct applies to ${fields.text('applyTo') ?? 'nothing'}`);
  }
}

export function wasmPluginProps(spec: Fields, namespace: string): WasmPluginProps {
  return { ...scope(spec, namespace), ...place(spec), ...wasmModule(spec) };
}

export function trafficExtensionProps(spec: Fields, namespace: string): TrafficExtensionProps {
  const lua = spec.of('lua');
  const common = { ...scope(spec, namespace), ...place(spec) };
  return lua
    ? { ...common, lua: lua.text('inlineCode') ?? '' }
    : { ...common, wasm: wasmModule(spec.of('wasm') ?? new Fields({})) };
}

function wasmModule(spec: Fields): WasmModule {
  return {
    url: spec.text('url') ?? '',
    sha256: spec.text('sha256'),
    imagePullPolicy: spec.text('imagePullPolicy'),
    imagePullSecret: spec.text('imagePullSecret'),
    pluginName: spec.text('pluginName'),
    pluginConfig: spec.open('pluginConfig'),
    failStrategy: spec.text('failStrategy'),
    type: spec.text('type'),
    environment: spec.with('vmConfig', (vm) =>
      Object.fromEntries(
        vm
          .list('env')
          .map((one) => [
            one.text('name') ?? '',
            one.text('valueFrom') === 'HOST' ? { fromProxy: true as const } : (one.text('value') ?? ''),
          ]),
      ),
    ),
  };
}

function place(spec: Fields): ExtensionPlace {
  return {
    phase: spec.text('phase'),
    priority: spec.number('priority'),
    traffic: spec.each('match', (match) => ({
      mode: match.text<WorkloadMode>('mode'),
      ports: match.each('ports', (port) => port.number('number') ?? 0),
    })),
  };
}

export function proxyConfigProps(spec: Fields, namespace: string): WorkloadProxyConfigProps {
  return {
    ...scope(spec, namespace),
    concurrency: spec.number('concurrency'),
    environmentVariables: spec.map('environmentVariables'),
    imageType: spec.of('image')?.text('imageType'),
  };
}
