import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { extensionPlaceProblems, renderExtensionPlace, type ExtensionPlace } from './extension-place';
import { definedFields } from '../fields';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { objectNameProblem } from '../object-name';
import {
  intoRootNamespace,
  renderSelector,
  scopedMetadata,
  scopeProblems,
  type TargetedPolicyScope,
} from '../policy-scope';
import { renderWasmModule, wasmModuleProblems, type WasmModule } from './wasm-module';

/** Properties that every {@link TrafficExtension} has. */
export interface TrafficExtensionPropsBase extends TargetedPolicyScope, ExtensionPlace {
  /**
   * `metadata.name` of the object.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/** Properties of a {@link TrafficExtension} in Lua. */
export interface LuaExtensionProps extends TrafficExtensionPropsBase {
  /** A script with the functions `envoy_on_request`, `envoy_on_response` or both, up to 64 KiB. */
  readonly lua: string;

  readonly wasm?: never;
}

/** Properties of a {@link TrafficExtension} in WebAssembly. */
export interface WasmExtensionProps extends TrafficExtensionPropsBase {
  /** The WebAssembly module. */
  readonly wasm: WasmModule;

  readonly lua?: never;
}

/** Properties of {@link TrafficExtension}. */
export type TrafficExtensionProps = LuaExtensionProps | WasmExtensionProps;

const MAX_LUA = 65_536;

/**
 * Runs a Lua script or a WebAssembly module in the proxies of the whole mesh, a namespace, some workloads, or gateways.
 * It needs Istio 1.31; the construct {@link WasmPlugin} also works with older versions.
 *
 * @see https://istio.io/latest/docs/reference/config/proxy_extensions/traffic_extension/
 */
export class TrafficExtension extends MeshConstruct {
  /** The raw TrafficExtension. */
  readonly trafficExtension: ApiObject;

  /**
   * @throws Error that lists all problems: both Lua and WebAssembly, or neither; an empty or too long script; invalid
   * addresses, hashes, ports or names
   */
  constructor(scope: Construct, id: string, props: TrafficExtensionProps) {
    super(scope, id);
    const name = props.name ?? id;
    const { lua, wasm } = props;
    throwProblems(this, [
      ...objectNameProblem(name),
      ...scopeProblems(props),
      ...((lua === undefined) === (wasm === undefined) ? ['needs either lua or wasm: set one of them'] : []),
      ...(lua === undefined ? [] : luaProblems(lua)),
      ...(wasm ? wasmModuleProblems('wasm.', wasm) : []),
      ...extensionPlaceProblems(props),
    ]);
    this.trafficExtension = new ApiObject(this, 'Default', {
      apiVersion: 'extensions.istio.io/v1alpha1',
      kind: 'TrafficExtension',
      metadata: scopedMetadata(name, props),
      spec: {
        ...renderSelector(props),
        ...renderExtensionPlace(props),
        ...definedFields({
          wasm: wasm && renderWasmModule(wasm),
          lua: lua === undefined ? undefined : { inlineCode: lua },
        }),
      },
    });
    MeshOrder.of(this).addObjects(this);
    intoRootNamespace(this, props, this.trafficExtension);
  }
}

function luaProblems(lua: string): string[] {
  if (lua.trim() === '') return ['lua is empty: write a script with envoy_on_request or envoy_on_response'];
  const length = Buffer.byteLength(lua);
  return length > MAX_LUA
    ? [
        `lua has ${String(length)} bytes, more than the maximum of ${String(MAX_LUA)}: write a WebAssembly module instead`,
      ]
    : [];
}
