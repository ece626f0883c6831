import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { extensionPlaceProblems, renderExtensionPlace, type ExtensionPlace } from './extension-place';
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

/** Properties of {@link WasmPlugin}. */
export interface WasmPluginProps extends TargetedPolicyScope, WasmModule, ExtensionPlace {
  /**
   * `metadata.name` of the object.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * Runs a WebAssembly module in the proxies of the whole mesh, a namespace, some workloads, or gateways.
 *
 * @see https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
 */
export class WasmPlugin extends MeshConstruct {
  /** The raw WasmPlugin. */
  readonly wasmPlugin: ApiObject;

  /** @throws Error that lists all problems: invalid addresses, hashes, ports or names */
  constructor(scope: Construct, id: string, props: WasmPluginProps) {
    super(scope, id);
    const name = props.name ?? id;
    throwProblems(this, [
      ...objectNameProblem(name),
      ...scopeProblems(props),
      ...wasmModuleProblems('', props),
      ...extensionPlaceProblems(props),
    ]);
    this.wasmPlugin = new ApiObject(this, 'Default', {
      apiVersion: 'extensions.istio.io/v1alpha1',
      kind: 'WasmPlugin',
      metadata: scopedMetadata(name, props),
      spec: { ...renderSelector(props), ...renderWasmModule(props), ...renderExtensionPlace(props) },
    });
    MeshOrder.of(this).addObjects(this);
    intoRootNamespace(this, props, this.wasmPlugin);
  }
}
