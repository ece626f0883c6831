import type { ExtensionProvider } from '../telemetry/extension-provider';
import type { HelmValues } from './istio-values';
import type { NamespaceSelector } from './namespace-selector';
import type { ProxyConfig } from './proxy-config';

/** What proxies do with requests to hosts that the mesh does not know. */
export enum OutboundTrafficPolicyMode {
  /** They refuse them: outside hosts need a ServiceEntry. */
  REGISTRY_ONLY = 'REGISTRY_ONLY',

  /** They let them out. */
  ALLOW_ANY = 'ALLOW_ANY',
}

/**
 * Settings of the mesh, by the names of the reference. Fields that are not listed here are passed on as they are.
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
   * The trust root that the mesh's identities belong to: what their SPIFFE names (`spiffe://TRUST_DOMAIN/ns/…`) start
   * with. A change reaches a sidecar when its pod is replaced.
   *
   * @default - Istio's: `cluster.local`
   */
  readonly trustDomain?: string;

  /**
   * Trust domains whose identities count as the same ones of this mesh, as while its own is changing.
   *
   * @default - none
   * @see https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/
   */
  readonly trustDomainAliases?: readonly string[];

  /**
   * What proxies do with requests to hosts that neither a Service nor a ServiceEntry knows.
   *
   * @default - Istio's: ALLOW_ANY
   */
  readonly outboundTrafficPolicy?: { readonly mode: OutboundTrafficPolicyMode };

  /**
   * The namespaces that istiod looks at: those that one of these selects. In others it sees neither Services nor Istio's
   * resources. They have to select the module's namespace, whose resources apply to the whole mesh, and every
   * `MeshNamespace` with injection; synthesis looks at those that the app creates, whose labels it knows.
   *
   * @default - all namespaces
   */
  readonly discoverySelectors?: readonly NamespaceSelector[];

  /**
   * Backends for tracing, access logs, metrics and authorization; those of the props `tracing`, `accessLogs`,
   * `telemetryProviders` and `externalAuthorizers` are added. Names are unique.
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
