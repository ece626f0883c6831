import type { ExtensionProvider } from '../telemetry/extension-provider';
import type { HelmValues } from './istio-values';
import type { NamespaceSelector } from './namespace-selector';
import type { ProxyConfig } from './proxy-config';

/** How proxies handle requests to unknown hosts. */
export enum OutboundTrafficPolicyMode {
  /** Proxies reject the requests: external hosts need a ServiceEntry. */
  REGISTRY_ONLY = 'REGISTRY_ONLY',

  /** Proxies forward the requests. */
  ALLOW_ANY = 'ALLOW_ANY',
}

/**
 * Settings of the mesh, with the field names of the reference. Other fields are passed through unchanged.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig
 */
export interface MeshConfig extends HelmValues {
  /**
   * The namespace whose resources apply to the whole mesh.
   *
   * @default - the module's namespace
   */
  readonly rootNamespace?: string;

  /**
   * Trust domain of the mesh's identities, with which their SPIFFE IDs (`spiffe://TRUST_DOMAIN/ns/…`) start. A sidecar
   * gets a change when its pod is replaced.
   *
   * @default - Istio's: `cluster.local`
   */
  readonly trustDomain?: string;

  /**
   * Trust domains whose identities are treated like those of this mesh, for example during a migration of the trust
   * domain.
   *
   * @default - none
   * @see https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/
   */
  readonly trustDomainAliases?: readonly string[];

  /**
   * How proxies handle requests to hosts without a Service or ServiceEntry.
   *
   * @default - Istio's: ALLOW_ANY
   */
  readonly outboundTrafficPolicy?: { readonly mode: OutboundTrafficPolicyMode };

  /**
   * Selectors of the namespaces that istiod watches. In other namespaces, it sees neither Services nor Istio's
   * resources. The selectors must include the module's namespace, the root namespace, and every `MeshNamespace` with
   * injection. Synthesis checks the namespaces that the app creates, because it knows their labels.
   *
   * @default - all namespaces
   */
  readonly discoverySelectors?: readonly NamespaceSelector[];

  /**
   * Backends for tracing, access logs, metrics and authorization. Those of the props `tracing`, `accessLogs`,
   * `telemetryProviders` and `externalAuthorizers` are added. Names must be unique.
   *
   * @default - none
   */
  readonly extensionProviders?: readonly ExtensionProvider[];

  /**
   * Names of the providers that are used if no Telemetry names others.
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
