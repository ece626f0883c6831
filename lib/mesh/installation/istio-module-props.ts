import type { Duration } from 'cdk8s';
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

/** Settings of the sidecars. */
export interface ProxyOptions {
  /**
   * Resources of the sidecars, unless a pod's annotations override them.
   *
   * @default - the chart's: requests of 100m and 128Mi, limits of 2000m and 1024Mi
   */
  readonly resources?: ContainerResources;
}

/** Options that all control planes of a mesh share. */
export interface BaseOptions {
  /**
   * Version of the base chart, `MAJOR.MINOR.PATCH`, which contains the CustomResourceDefinitions. It must be the
   * version of the newest control plane in the cluster.
   *
   * @default - the module's
   */
  readonly version?: string;

  /**
   * Source of the base chart.
   *
   * @default - the source of the module's other charts
   */
  readonly charts?: IstioCharts;
}

/** Properties of `IstioModule`. */
export interface IstioModuleProps {
  /** Istio's version, `MAJOR.MINOR.PATCH`: the version of the charts and of the images. */
  readonly version: string;

  /**
   * Revision of the control plane, such as `'1-31-1'`. It is part of the names of its objects, and namespaces select it
   * with `SidecarInjection.revision`.
   *
   * @default - none; the control plane serves the namespaces with `SidecarInjection.ENABLED`
   * @see https://istio.io/latest/docs/setup/upgrade/canary/
   */
  readonly revision?: string;

  /**
   * Further names with which namespaces select this control plane. If a tag moves to another module, its namespaces
   * follow; the tag `'default'` serves the namespaces with `SidecarInjection.ENABLED`.
   *
   * @default - none
   * @see https://istio.io/latest/docs/setup/upgrade/canary/#stable-revision-labels
   */
  readonly revisionTags?: readonly string[];

  /**
   * The Istio in the same cluster beside which this one runs, such as the stable control plane during a canary upgrade.
   * The other one provides what a mesh has only once: the base chart, the Namespace, the CNI node agent, and the
   * mesh-wide PeerAuthentication and Telemetry. The mesh configuration of this one also defines the providers of the
   * other one. Requires a `revision`. The versions may be one minor version apart.
   *
   * @default - none; this one provides all of that
   */
  readonly beside?: IstioInstallation;

  /**
   * Options of the base chart, for newer control planes beside this one.
   *
   * @default - the module's version
   */
  readonly base?: BaseOptions;

  /**
   * The namespace of the module, which is the mesh's root namespace unless `meshConfig.rootNamespace` names another.
   * Sidecars are injected in it.
   *
   * @default 'istio-system'
   */
  readonly namespace?: string;

  /**
   * Whether the stack creates and deletes the Namespace, or uses an existing one and keeps it.
   *
   * @default NamespaceOwnership.CREATE
   */
  readonly namespaceOwnership?: NamespaceOwnership;

  /**
   * Source of Istio's charts.
   *
   * @default IstioCharts.official()
   */
  readonly charts?: IstioCharts;

  /**
   * Helm executable that renders the charts: a name on the PATH, or a path.
   *
   * @default - `helm` on the PATH
   */
  readonly helmExecutable?: string;

  /**
   * Registry and repository of the images. A registry that Istio shuts down (`gcr.io/istio-release`,
   * `registry.istio.io/release`) causes a warning at synthesis.
   *
   * @default 'docker.io/istio'
   */
  readonly hub?: string;

  /**
   * Variant of the images.
   *
   * @default 'distroless'
   * @see https://istio.io/latest/docs/ops/configuration/security/harden-docker-images/
   */
  readonly variant?: 'distroless' | 'debug' | 'default';

  /**
   * Whether Istio's CNI node agent redirects the pods' traffic, so that they need no privileged init container; or the
   * settings of the agent.
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
   * Size of the cluster. It determines the requests of sidecars and istiod, unless `proxy.resources` and
   * `istiod.resources` set them.
   *
   * @default ClusterSize.LARGE, the requests of the charts
   */
  readonly clusterSize?: ClusterSize;

  /**
   * Egress gateways: proxies through which traffic leaves the mesh.
   *
   * @default - none
   * @see https://istio.io/latest/docs/tasks/traffic-management/egress/egress-gateway/
   */
  readonly egressGateways?: readonly EgressGateway[];

  /**
   * NetworkPolicies that restrict the module's pods to the traffic that they need. Requires charts with
   * NetworkPolicies, such as those of 1.31.
   *
   * @default - none, or those of the module in `beside`
   */
  readonly networkPolicies?: NetworkPolicies;

  /**
   * Settings of the sidecars.
   *
   * @default - the chart's
   */
  readonly proxy?: ProxyOptions;

  /**
   * Settings of the control plane.
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
   * The earlier minor version, such as `1.30`, whose behavior istiod keeps where a later version changed defaults. Use
   * it to upgrade in two steps, first the version and then the behavior.
   *
   * @default - the behavior of `version`
   * @see https://istio.io/latest/docs/setup/additional-setup/compatibility-versions/
   */
  readonly compatibilityVersion?: string;

  /**
   * Time for which applications keep serving requests after the termination of their pod begins, in whole seconds. A
   * `sleep` delays their stop until clients know that the pod is gone. The time is part of the pod's grace period. It
   * applies to containers without a `preStop` hook, in pods with a longer `terminationGracePeriodSeconds` and the
   * `restartPolicy` `Always`. The annotation `istio-module/graceful-termination: disabled` excludes a pod. Proxies and
   * gateways drain accordingly. Requires Kubernetes 1.30. If you change it, every workload of the mesh restarts once.
   *
   * @default - that of the module in `beside`; otherwise Duration.seconds(5) from Istio 1.28 on, and false for older
   * versions, whose Kubernetes may not support `sleep`
   * @see https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
   */
  readonly gracefulTermination?: Duration | false;

  /**
   * Bootstrap configuration of proxies, merged over the module's and over `meshConfig.defaultConfig`.
   *
   * @default - the application waits for the proxy; with `gracefulTermination`, the proxy ends with its last connection
   */
  readonly defaultConfig?: ProxyConfig;

  /**
   * Tracing backend to which all proxies of the mesh send their spans, unless a `MeshTelemetry` overrides it.
   *
   * @default - none
   */
  readonly tracing?: Tracing;

  /**
   * Access logs of all proxies of the mesh, unless a `MeshTelemetry` overrides them.
   *
   * @default - none
   */
  readonly accessLogs?: readonly AccessLog[];

  /**
   * Metrics of the whole mesh, unless a `MeshTelemetry` overrides them.
   *
   * @default - Istio's: all of them, for Prometheus
   */
  readonly metrics?: MeshMetrics;

  /**
   * Further backends for use in a `MeshTelemetry`.
   *
   * @default - none
   */
  readonly telemetryProviders?: readonly (Tracing | AccessLog)[];

  /**
   * Services that authorize requests, for use in the action CUSTOM of an `AuthorizationPolicy`.
   *
   * @default - none
   */
  readonly externalAuthorizers?: readonly ExternalAuthorizer[];

  /**
   * File to which proxies write a line for every request; `/dev/stdout` is the container's log. Istio uses it only if
   * no Telemetry configures access logs, so it cannot be combined with `accessLogs`.
   *
   * @default - no access log
   */
  readonly accessLogFile?: string;

  /**
   * The mutual TLS mode of the whole mesh; with `false`, other resources set it.
   *
   * @default MutualTls.STRICT
   */
  readonly mutualTls?: MutualTls | false;

  /**
   * Raw values by chart, merged last: the escape hatch for all settings of the charts.
   *
   * @default - none
   */
  readonly values?: Readonly<Partial<Record<IstioChartName, HelmValues>>>;
}
