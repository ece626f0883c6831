import type { ExtensionProvider } from '../telemetry/extension-provider';
import type { HelmValues } from './istio-values';

/** What proxies do with requests to hosts that the mesh does not know. */
export enum OutboundTrafficPolicyMode {
  /** They refuse them: outside hosts need a ServiceEntry. */
  REGISTRY_ONLY = 'REGISTRY_ONLY',

  /** They let them out. */
  ALLOW_ANY = 'ALLOW_ANY',
}

/**
 * Settings of the mesh, by the names of the reference.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig
 */
export interface MeshConfig extends HelmValues {
  /**
   * Whose resources apply to the whole mesh.
   *
   * @default - the module's namespace
   */
  readonly rootNamespace?: string;

  /**
   * Backends for tracing, access logs, metrics and authorization; those of the props `tracing`,
   * `accessLogs` and `telemetryProviders` are added. Names are unique.
   *
   * @default - none
   */
  readonly extensionProviders?: readonly ExtensionProvider[];

  /**
   * Providers, by name, that are used where no Telemetry names others.
   *
   * @default - `prometheus` for metrics
   */
  readonly defaultProviders?: {
    readonly tracing?: readonly string[];
    readonly metrics?: readonly string[];
    readonly accessLogging?: readonly string[];
  };

  /**
   * Defaults of the proxies' configuration; the prop `defaultConfig` is merged over it.
   *
   * @default - the application waits for the proxy
   */
  readonly defaultConfig?: ProxyConfig;
}

/**
 * Configuration that proxies start with, by the names of the reference. A change reaches a sidecar when its pod is
 * replaced.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig
 */
export interface ProxyConfig extends HelmValues {
  /**
   * Worker threads of a proxy; 0 for as many as cores.
   *
   * @default - by the proxy's CPU limit
   */
  readonly concurrency?: number;

  /**
   * Whether an application's containers start only when the proxy is ready.
   *
   * @default true
   */
  readonly holdApplicationUntilProxyStarts?: boolean;

  /**
   * Further environment variables of the proxy.
   *
   * @default - none
   */
  readonly proxyMetadata?: Readonly<Record<string, string>>;
}
