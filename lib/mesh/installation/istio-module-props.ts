import type { AccessLog } from '../telemetry/access-log';
import type { ClusterSize } from '../proxies/cluster-size';
import type { ExternalAuthorizer } from '../security/external-authorizer';
import type { ContainerResources } from './container-resources';
import type { CniOptions } from './cni-options';
import type { EgressGateway, IngressGateway } from './gateway-options';
import type { IstioChartName, IstioCharts } from './istio-charts';
import type { IstioInstallation } from './istio-installation';
import type { IstiodOptions } from './istiod-options';
import type { HelmValues } from './istio-values';
import type { MeshConfig } from './mesh-config';
import type { NetworkPolicies } from './network-policies';
import type { ProxyConfig } from './proxy-config';
import type { MeshMetrics } from '../telemetry/metrics-settings';
import type { MutualTls } from '../security/mutual-tls';
import type { NamespaceOwnership } from '../namespaces/namespace-ownership';
import type { Tracing } from '../telemetry/tracing';

/** The sidecars' own settings. */
export interface ProxyOptions {
  /**
   * Resources of the sidecars, where a pod's annotations do not say otherwise.
   *
   * @default - the chart's: requests of 100m and 128Mi, limits of 2000m and 1024Mi
   */
  readonly resources?: ContainerResources;
}

/** What holds for all control planes of a mesh. */
export interface BaseOptions {
  /**
   * Version of the chart base, `MAJOR.MINOR.PATCH`, which brings the CustomResourceDefinitions: that of the newest
   * control plane in the cluster.
   *
   * @default - the module's
   */
  readonly version?: string;

  /**
   * Where that chart comes from.
   *
   * @default - where the module's other charts do
   */
  readonly charts?: IstioCharts;
}

/** Properties of `IstioModule`. */
export interface IstioModuleProps {
  /** Istio's version, `MAJOR.MINOR.PATCH`: that of the charts and of the images. */
  readonly version: string;

  /**
   * Revision of the control plane, such as `'1-31-1'`: part of the names of its objects, and what namespaces ask for with
   * `SidecarInjection.revision`.
   *
   * @default - none: it serves the namespaces with `SidecarInjection.ENABLED`
   * @see https://istio.io/latest/docs/setup/upgrade/canary/
   */
  readonly revision?: string;

  /**
   * Other names that namespaces ask for this control plane by. Moved to another module, a tag takes its namespaces along;
   * the tag `'default'` serves those with `SidecarInjection.ENABLED`.
   *
   * @default - none
   * @see https://istio.io/latest/docs/setup/upgrade/canary/#stable-revision-labels
   */
  readonly revisionTags?: readonly string[];

  /**
   * The Istio of the same cluster that this one runs beside, as a canary does beside the stable control plane. What a
   * mesh has once is left to that one: the chart base, the Namespace, the CNI node agent, and the mesh-wide
   * PeerAuthentication and Telemetry, whose providers are defined here as well. Needs a `revision`; versions may be one
   * minor version apart.
   *
   * @default - this one brings all of that
   */
  readonly beside?: IstioInstallation;

  /**
   * The chart base, where newer control planes run beside this one.
   *
   * @default - of the module's version
   */
  readonly base?: BaseOptions;

  /**
   * The namespace of the module's own, which is the mesh's root namespace; sidecars are injected in it.
   *
   * @default 'istio-system'
   */
  readonly namespace?: string;

  /**
   * Whether that Namespace comes and goes with the stack, or exists already and survives it.
   *
   * @default NamespaceOwnership.CREATE
   */
  readonly namespaceOwnership?: NamespaceOwnership;

  /**
   * Where Istio's charts come from.
   *
   * @default IstioCharts.official()
   */
  readonly charts?: IstioCharts;

  /**
   * The helm program that renders them: a name on the PATH, or a path.
   *
   * @default - helm, on the PATH
   */
  readonly helmExecutable?: string;

  /**
   * Registry and repository that the images are pulled from. One that Istio shuts down (`gcr.io/istio-release`,
   * `registry.istio.io/release`) gives a warning at synthesis.
   *
   * @default 'docker.io/istio'
   */
  readonly hub?: string;

  /**
   * Which build of the images is used.
   *
   * @default 'distroless'
   * @see https://istio.io/latest/docs/ops/configuration/security/harden-docker-images/
   */
  readonly variant?: 'distroless' | 'debug' | 'default';

  /**
   * Whether Istio's CNI node agent redirects the pods' traffic, which spares them a privileged init container, and what
   * the agent is like.
   *
   * @default true
   * @see https://istio.io/latest/docs/setup/additional-setup/cni/
   */
  readonly cni?: boolean | CniOptions;

  /**
   * Ingress gateways.
   *
   * @default - none
   */
  readonly ingressGateways?: readonly IngressGateway[];

  /**
   * How much room the cluster has: what sidecars and istiod ask for where `proxy.resources` and `istiod.resources` do not
   * say so.
   *
   * @default ClusterSize.LARGE, which is what the charts ask for
   */
  readonly clusterSize?: ClusterSize;

  /**
   * Egress gateways: proxies that traffic leaves the mesh through.
   *
   * @default - none
   * @see https://istio.io/latest/docs/tasks/traffic-management/egress/egress-gateway/
   */
  readonly egressGateways?: readonly EgressGateway[];

  /**
   * NetworkPolicies that hold the module's pods to the traffic they need. Needs charts that have them, as those of 1.31
   * do.
   *
   * @default - none, or those of the module that this one runs beside
   */
  readonly networkPolicies?: NetworkPolicies;

  /**
   * The sidecars' own settings.
   *
   * @default - the chart's
   */
  readonly proxy?: ProxyOptions;

  /**
   * The control plane's own settings.
   *
   * @default - the chart's
   */
  readonly istiod?: IstiodOptions;

  /**
   * Settings of the mesh, merged over the module's.
   *
   * @default - the module's
   */
  readonly meshConfig?: MeshConfig;

  /**
   * The earlier minor version, such as `1.30`, whose behaviour istiod keeps where a later one changed defaults: for
   * upgrades in two steps, first the version and then the behaviour.
   *
   * @default - that of `version`
   * @see https://istio.io/latest/docs/setup/additional-setup/compatibility-versions/
   */
  readonly compatibilityVersion?: string;

  /**
   * Configuration that proxies start with, merged over the module's and over `meshConfig.defaultConfig`.
   *
   * @default - the application waits for the proxy
   */
  readonly defaultConfig?: ProxyConfig;

  /**
   * Where proxies all over the mesh send their spans, unless a `MeshTelemetry` says otherwise.
   *
   * @default - nowhere
   */
  readonly tracing?: Tracing;

  /**
   * Where proxies all over the mesh log what they handled, unless a `MeshTelemetry` says otherwise.
   *
   * @default - nowhere
   */
  readonly accessLogs?: readonly AccessLog[];

  /**
   * Metrics all over the mesh, unless a `MeshTelemetry` says otherwise.
   *
   * @default - Istio's: all of them, for Prometheus
   */
  readonly metrics?: MeshMetrics;

  /**
   * Further backends, which nothing uses until a `MeshTelemetry` names them.
   *
   * @default - none
   */
  readonly telemetryProviders?: readonly (Tracing | AccessLog)[];

  /**
   * Services that decide over requests, which nothing asks until an `AuthorizationPolicy` names them in its action
   * CUSTOM.
   *
   * @default - none
   */
  readonly externalAuthorizers?: readonly ExternalAuthorizer[];

  /**
   * File that proxies write a line to for every request; `/dev/stdout` for the container's log. It is for meshes without
   * Telemetry for logs: Istio heeds it where no Telemetry speaks of them, so `accessLogs` excludes it.
   *
   * @default - no access log
   */
  readonly accessLogFile?: string;

  /**
   * How workloads all over the mesh accept connections from each other; `false` leaves it to other resources.
   *
   * @default MutualTls.STRICT
   */
  readonly mutualTls?: MutualTls | false;

  /**
   * Raw values by chart, merged last: the escape hatch to everything that the charts know.
   *
   * @default - none
   */
  readonly values?: Readonly<Partial<Record<IstioChartName, HelmValues>>>;
}
