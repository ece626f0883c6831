import { definedFields, fieldOf } from '../fields';
import { objectReferenceProblem } from '../traffic/object-reference';

/** A WebAssembly module, and how proxies run it. */
export interface WasmModule {
  /**
   * URL of the plugin: `oci://REGISTRY/IMAGE:TAG`, an http or https URL, or `file:///PATH` in the proxy's container.
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
   * Name of the Secret with the registry's credentials, in the plugin's namespace.
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
   * Environment variables of the plugin: a value, or the value of the proxy's variable.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string | { readonly fromProxy: true }>>;
}

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
  const { url, sha256, imagePullSecret, pluginName = '', environment = {} } = module;
  return [
    ...(!/%(?![0-9A-Fa-f]{2})/.test(url) && /^((oci|https?|file):\/\/\S+|(?![a-z]+:\/\/)[^\s:]\S*)$/.test(url)
      ? []
      : [
          `${at}url '${url}' is not the URL of a plugin: write one such as 'oci://registry.example.com/plugins/auth:1.0'`,
        ]),
    ...(sha256 === undefined || /^[a-f0-9]{64}$/.test(sha256)
      ? []
      : [`${at}sha256 '${sha256}' is not a hash: write 64 hexadecimal digits in lower case`]),
    ...(imagePullSecret === undefined ? [] : objectReferenceProblem(`${at}imagePullSecret`, imagePullSecret)),
    ...(pluginName.length > 256 ? [`${at}pluginName has more than 256 characters: write fewer`] : []),
    ...Object.keys(environment)
      .filter((name) => name === '' || name.length > 256)
      .map((name) => `${at}environment '${name}' is not the name of a variable: write 1 to 256 characters`),
  ];
}

function renderVariable([name, value]: [string, string | { readonly fromProxy: true }]): Record<string, unknown> {
  return typeof value === 'string' ? { name, value } : { name, valueFrom: 'HOST' };
}
