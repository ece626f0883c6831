import { definedFields, fieldOf } from '../fields';
import { listLimitProblem, textLimitProblem } from '../size-limit';
import { objectReferenceProblem } from '../traffic/object-reference';

/** A WebAssembly module, and how proxies run it. */
export interface WasmModule {
  /**
   * URL of the module: `oci://REGISTRY/IMAGE:TAG`, an http or https URL, or `file:///PATH` in the proxy's container.
   */
  readonly url: string;

  /**
   * SHA-256 of the module, 64 hexadecimal digits in lower case.
   *
   * @default - not verified
   */
  readonly sha256?: string;

  /**
   * When the module is pulled again.
   *
   * @default - Istio's: IfNotPresent, and Always for the tag `latest`
   */
  readonly imagePullPolicy?: 'IfNotPresent' | 'Always';

  /**
   * Name of the Secret with the registry's credentials, in the namespace of the object.
   *
   * @default - none
   */
  readonly imagePullSecret?: string;

  /**
   * Name of the plugin in the module, 1 to 256 characters.
   *
   * @default - none
   */
  readonly pluginName?: string;

  /**
   * Configuration of the plugin.
   *
   * @default - none
   */
  readonly pluginConfig?: Readonly<Record<string, unknown>>;

  /**
   * What happens to requests if the plugin fails: they are rejected (FAIL_CLOSE), or forwarded without the plugin
   * (FAIL_OPEN); with FAIL_RELOAD, the plugin is reloaded.
   *
   * @default - Istio's: FAIL_CLOSE
   */
  readonly failStrategy?: 'FAIL_CLOSE' | 'FAIL_OPEN' | 'FAIL_RELOAD';

  /**
   * Type of the plugin.
   *
   * @default - Istio's: HTTP
   */
  readonly type?: 'HTTP' | 'NETWORK';

  /**
   * Environment variables of the plugin, at most 256. Each has a value of at most 2048 characters, or, with
   * `fromProxy`, the value of the proxy's variable with the same name.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string | { readonly fromProxy: true }>>;
}

// The limits in Istio's CustomResourceDefinitions.
const MAX_NAME = 256;
const MAX_VARIABLES = 256;
const MAX_VALUE = 2048;

/** The module as fields of a WasmPlugin or of a TrafficExtension's `wasm`. */
export function renderWasmModule(module: WasmModule): Record<string, unknown> {
  const { url, sha256, imagePullPolicy, imagePullSecret, pluginName, pluginConfig = {}, failStrategy, type } = module;
  const environment = Object.entries(module.environment ?? {});
  return {
    ...definedFields({ url, sha256, imagePullPolicy, imagePullSecret, pluginName }),
    ...fieldOf('pluginConfig', pluginConfig),
    ...definedFields({ failStrategy, type }),
    ...(environment.length > 0 ? { vmConfig: { env: environment.map(renderVariable) } } : {}),
  };
}

/** The problems with a module, one sentence each; `at` is empty, or a path that ends with a dot. */
export function wasmModuleProblems(at: string, module: WasmModule): string[] {
  const { url, sha256, imagePullSecret, pluginName, environment = {} } = module;
  return [
    ...(!/%(?![0-9A-Fa-f]{2})/.test(url) && /^((oci|https?|file):\/\/\S+|(?![a-z]+:\/\/)[^\s:]\S*)$/.test(url)
      ? []
      : [
          `${at}url '${url}' is not the URL of a module: write one such as 'oci://registry.example.com/plugins/auth:1.0'`,
        ]),
    ...(sha256 === undefined || /^[a-f0-9]{64}$/.test(sha256)
      ? []
      : [`${at}sha256 '${sha256}' is not a hash: write 64 hexadecimal digits in lower case`]),
    ...(imagePullSecret === undefined ? [] : objectReferenceProblem(`${at}imagePullSecret`, imagePullSecret)),
    ...(pluginName === '' ? [`${at}pluginName is empty: write the name of a plugin, or leave it out`] : []),
    ...textLimitProblem(`${at}pluginName`, pluginName ?? '', MAX_NAME),
    ...listLimitProblem(`${at}environment`, Object.keys(environment), MAX_VARIABLES),
    ...Object.entries(environment).flatMap(([name, value]) => [
      ...(name === '' || name.length > MAX_NAME
        ? [`${at}environment '${name}' is not the name of a variable: write 1 to 256 characters`]
        : []),
      ...(typeof value === 'string' ? textLimitProblem(`${at}environment '${name}'`, value, MAX_VALUE) : []),
    ]),
  ];
}

function renderVariable([name, value]: [string, string | { readonly fromProxy: true }]): Record<string, unknown> {
  return typeof value === 'string' ? { name, value } : { name, valueFrom: 'HOST' };
}
