import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { definedFields, fieldOf } from '../fields';
import { MeshOrder } from '../mesh-order';
import { wholeNumberProblem } from '../number-range';
import { objectNameProblem } from '../object-name';
import {
  intoRootNamespace,
  renderSelector,
  scopedMetadata,
  scopeProblems,
  type TargetedPolicyScope,
} from '../policy-scope';
import type { WorkloadMode } from '../telemetry/workload-mode';
import { objectReferenceProblem } from '../traffic/object-reference';

/** Where among the filters of a proxy a plugin stands: before authentication, authorization or statistics. */
export type WasmPluginPhase = 'AUTHN' | 'AUTHZ' | 'STATS';

/** Traffic that a plugin looks at. */
export interface WasmTraffic {
  /**
   * Which side of a connection the proxy is on.
   *
   * @default - both
   */
  readonly mode?: WorkloadMode;

  /**
   * Ports, 1 to 65535, one of which the traffic goes to.
   *
   * @default - any
   */
  readonly ports?: readonly number[];
}

/** Properties of {@link WasmPlugin}. */
export interface WasmPluginProps extends TargetedPolicyScope {
  /** Where the plugin is: `oci://REGISTRY/IMAGE:TAG`, an http or https address, or `file:///PATH` in the proxy's container. */
  readonly url: string;

  /**
   * SHA-256 of the module, 64 hexadecimal digits in lower case.
   *
   * @default - not verified
   */
  readonly sha256?: string;

  /**
   * When the module is fetched again.
   *
   * @default - Istio's: IfNotPresent, and Always for the tag `latest`
   */
  readonly imagePullPolicy?: 'IfNotPresent' | 'Always';

  /**
   * The Secret with the registry's credentials, in the plugin's namespace.
   *
   * @default - none
   */
  readonly imagePullSecret?: string;

  /**
   * Name of the plugin in the module.
   *
   * @default - none
   */
  readonly pluginName?: string;

  /**
   * What the plugin is configured with.
   *
   * @default - nothing
   */
  readonly pluginConfig?: Readonly<Record<string, unknown>>;

  /**
   * Where among the filters it stands.
   *
   * @default - Istio's: at the end, before the router
   */
  readonly phase?: WasmPluginPhase;

  /**
   * Its place among plugins of the same phase: higher ones come first.
   *
   * @default - Istio's: 0
   */
  readonly priority?: number;

  /**
   * What becomes of requests when the plugin fails: they are refused (FAIL_CLOSE), or go on without it.
   *
   * @default - Istio's: FAIL_CLOSE
   */
  readonly failStrategy?: 'FAIL_CLOSE' | 'FAIL_OPEN' | 'FAIL_RELOAD';

  /**
   * What the plugin is for.
   *
   * @default - Istio's: HTTP
   */
  readonly type?: 'HTTP' | 'NETWORK';

  /**
   * Environment variables of the plugin: a value, or the proxy's own.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string | { readonly fromProxy: true }>>;

  /**
   * The traffic that it looks at, one of these.
   *
   * @default - all
   */
  readonly traffic?: readonly WasmTraffic[];

  /**
   * `metadata.name` of the object.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * A WebAssembly module in the proxies: of the whole mesh, of a namespace, of some workloads or of gateways.
 *
 * The object itself is `wasmPlugin`, the escape hatch to the raw object.
 *
 * @see https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
 */
export class WasmPlugin extends Construct {
  /** The raw WasmPlugin. */
  readonly wasmPlugin: ApiObject;

  /** @throws Error listing all that is wrong: addresses, hashes, ports or names that are none */
  constructor(scope: Construct, id: string, props: WasmPluginProps) {
    super(scope, id);
    const name = props.name ?? id;
    throwProblems(this, [...objectNameProblem(name), ...scopeProblems(props), ...problems(props)]);
    const { url, sha256, imagePullPolicy, imagePullSecret, pluginName, phase, priority, failStrategy, type } = props;
    const environment = Object.entries(props.environment ?? {});
    this.wasmPlugin = new ApiObject(this, 'Default', {
      apiVersion: 'extensions.istio.io/v1alpha1',
      kind: 'WasmPlugin',
      metadata: scopedMetadata(name, props),
      spec: {
        ...renderSelector(props),
        ...definedFields({ url, sha256, imagePullPolicy, imagePullSecret, pluginName }),
        ...fieldOf('pluginConfig', props.pluginConfig ?? {}),
        ...definedFields({ phase, priority, failStrategy, type }),
        ...(environment.length > 0 ? { vmConfig: { env: environment.map(renderVariable) } } : {}),
        ...definedFields({
          match: props.traffic?.map(({ mode, ports }) =>
            definedFields({ mode, ports: ports?.map((number) => ({ number })) }),
          ),
        }),
      },
    });
    MeshOrder.of(this).addObjects(this);
    intoRootNamespace(this, props, this.wasmPlugin);
  }
}

function renderVariable([name, value]: [string, string | { readonly fromProxy: true }]): Record<string, unknown> {
  return typeof value === 'string' ? { name, value } : { name, valueFrom: 'HOST' };
}

function problems(props: WasmPluginProps): string[] {
  const { url, sha256, imagePullSecret, pluginName = '', environment = {}, traffic = [] } = props;
  return [
    ...(/^((oci|https?|file):\/\/)?[^\s:]\S*$/.test(url)
      ? []
      : [`url '${url}' is not one of a plugin: write one such as 'oci://registry.example.com/plugins/auth:1.0'`]),
    ...(sha256 === undefined || /^[a-f0-9]{64}$/.test(sha256)
      ? []
      : [`sha256 '${sha256}' is not a hash: write 64 hexadecimal digits in lower case`]),
    ...(imagePullSecret === undefined ? [] : objectReferenceProblem('imagePullSecret', imagePullSecret)),
    ...(pluginName.length > 256 ? ['pluginName has more than 256 characters: write at most that'] : []),
    ...Object.keys(environment)
      .filter((name) => name === '' || name.length > 256)
      .map((name) => `environment '${name}' is not the name of a variable: write 1 to 256 characters`),
    ...traffic.flatMap(({ ports = [] }, index) =>
      ports.flatMap((port) => wholeNumberProblem(`traffic[${String(index)}].ports`, port, 1, 65535)),
    ),
  ];
}
