import type { ApiObject, Duration, Helm } from 'cdk8s';
import type { Construct } from 'constructs';
import { constructError, throwProblems } from '../construct-error';
import { besideProblems, gatewayPlaceProblems } from './beside';
import { cniProblems } from './cni-options';
import { CHART_PROXY_RESOURCES, resourceProblems } from './container-resources';
import { exportDefaults } from './export-defaults';
import { gatewayProblems, gatewayValues, moduleGateways, type ModuleGateway } from './gateway-options';
import type { ExtensionProvider } from '../telemetry/extension-provider';
import {
  gracefulSeconds,
  gracefulTerminationProblems,
  gracefulTerminationWarnings,
  withGracefulTemplate,
} from './graceful-termination';
import { chartsProblem, IstioCharts, type IstioChartName } from './istio-charts';
import { IstioInstallation, meshPeerAuthentication, meshTelemetryObject } from './istio-installation';
import type { IstioModuleProps } from './istio-module-props';
import type { MeshConfig } from './mesh-config';
import { meshConfigProblems, renderMeshConfig } from './module-mesh-config';
import { undiscoveredNamespaces } from './undiscovered-namespaces';
import { istioValues, mergeValues, type HelmValues } from './istio-values';
import { compatibilityVersionProblem, istioVersionProblem, minorVersionsAbove } from './istio-version';
import { istiodProblems } from './istiod-options';
import { defaultProviderProblems, moduleTelemetry, moduleTelemetryProblems } from '../telemetry/module-telemetry';
import { MeshNamespace } from '../namespaces/mesh-namespace';
import { MeshOrder } from '../mesh-order';
import { MutualTls } from '../security/mutual-tls';
import { capturesDns } from './proxy-config';
import { ClusterSize } from '../proxies/cluster-size';
import { labelNameProblem } from '../object-name';
import {
  denyOtherPods,
  holdChart,
  NETWORK_POLICY_VALUES,
  networkPolicyProblems,
  type NetworkPolicies,
} from './network-policies';
import { releaseName } from './release-name';
import { renderChart } from './render-chart';
import { retiredRegistryWarnings, textsIn } from '../retired-registry-warnings';
import { warn } from '../warnings';
import { DEFAULT_REVISION, revisionProblems } from './revisions';
import { SidecarInjection } from '../namespaces/sidecar-injection';
import type { TelemetrySettings } from '../telemetry/telemetry-settings';

const FOLLOWS_DEPLOYMENT = new Set([
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

/**
 * Istio with sidecars, rendered from its official Helm charts.
 *
 * Its defaults differ from the charts': injection only in namespaces that request it, strict mutual TLS in the whole
 * mesh, distroless images, the CNI node agent instead of privileged init containers, applications that start after
 * their proxy, and graceful termination.
 *
 * Dependencies between the objects set their order: the module's Namespace; the objects of base, and those that istiod
 * needs; istiod's Deployment; the CNI node agent; the webhooks; then the gateways, and everything in the app that needs
 * the webhooks, that is, the objects of Istio's API groups and those that create pods in a {@link MeshNamespace} with
 * injection. Webhooks are created after the Deployment and deleted before it, so the API server never calls an istiod
 * that does not run and never rejects pods because of that. The CNI node agent runs before the first pod gets a
 * sidecar.
 *
 * The fields `caBundle` and `failurePolicy` of the webhooks are omitted, because istiod sets them at run time.
 *
 * For several control planes of one mesh, create several modules, and set `beside` of all but one to that one.
 *
 * `values` passes raw values to the charts, and `apiObjects` contains all raw objects. Those of a single chart are the
 * `apiObjects` of `base`, `istiod`, `cni` and `gateways`.
 *
 * @see https://istio.io/latest/docs/setup/install/helm/
 */
export class IstioModule extends IstioInstallation {
  readonly version: string;
  readonly baseVersion: string;

  /** The module's namespace, unless it belongs to an `ExistingIstio` in `beside`. */
  readonly namespace?: MeshNamespace;

  readonly namespaceName: string;
  readonly revisions: readonly string[];
  readonly usesCni: boolean;

  /** The namespace whose resources apply to the whole mesh. */
  readonly rootNamespace: string;

  /** The rendered base chart, unless another module provides it: `base.apiObjects` are the raw objects. */
  readonly base?: Helm;

  /** The rendered istiod chart. */
  readonly istiod: Helm;

  /** The rendered cni chart, unless it is disabled or another module provides it. */
  readonly cni?: Helm;

  /** The rendered ingress and egress gateways, by name. */
  readonly gateways: ReadonlyMap<string, Helm>;

  readonly peerAuthentication?: ApiObject;

  readonly telemetry?: ApiObject;
  readonly meshTelemetry: TelemetrySettings;

  readonly extensionProviders: readonly ExtensionProvider[];

  /**
   * The raw NetworkPolicy that denies the traffic of other pods in the module's namespace, if there is one. The other
   * NetworkPolicies are part of the charts.
   */
  readonly defaultDeny?: ApiObject;

  private readonly meshConfig: MeshConfig;
  private readonly networkPolicies?: NetworkPolicies;
  private readonly gracefulTermination?: Duration | false;
  private readonly gracefulSeconds?: number;
  /** What the webhooks wait for: istiod's Deployment; in a chart without one, the objects applied before them. */
  private readonly running: readonly ApiObject[];

  /**
   * @throws Error that lists all invalid props; or that says in one sentence what to do, if Helm is missing, or a chart
   * cannot be found or fetched or does not accept the values
   */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: IstioModuleProps,
  ) {
    super(scope, id);
    throwProblems(this, [...problems(props), ...besideProblems(this, props), ...this.gatewayPlaceProblems()]);
    const { revision, revisionTags = [], meshConfig = {} } = props;
    const foundation = props.beside?.foundation;
    const stable = foundation instanceof IstioModule ? foundation : undefined;
    this.version = props.version;
    this.baseVersion = foundation?.baseVersion ?? props.base?.version ?? props.version;
    this.namespaceName = foundation?.namespaceName ?? props.namespace ?? 'istio-system';
    this.rootNamespace = foundation?.rootNamespace ?? meshConfig.rootNamespace ?? this.namespaceName;
    this.revisions = [revision ?? DEFAULT_REVISION, ...revisionTags];
    this.usesCni = foundation?.usesCni ?? props.cni !== false;
    this.networkPolicies = props.networkPolicies ?? stable?.networkPolicies;
    this.gracefulTermination = props.gracefulTermination ?? stable?.gracefulTermination;
    this.gracefulSeconds = gracefulSeconds(this.gracefulTermination, props.version);
    warn(this, ...gracefulTerminationWarnings(props.gracefulTermination));
    this.namespace = foundation
      ? stable?.namespace
      : new MeshNamespace(this, 'namespace', {
          name: this.namespaceName,
          injection: revision === undefined ? SidecarInjection.ENABLED : SidecarInjection.revision(revision),
          ownership: props.namespaceOwnership,
        });

    const size = props.clusterSize ?? ClusterSize.LARGE;
    const values = istioValues({
      version: props.version,
      namespace: this.namespaceName,
      hub: props.hub ?? 'docker.io/istio',
      variant: props.variant ?? 'distroless',
      revision,
      revisionTags,
      cni: foundation ? this.usesCni : (props.cni ?? true),
      proxyResources: size.proxyResources(props.proxy?.resources),
      istiod: { ...props.istiod, resources: size.istiodResources(props.istiod?.resources) },
      meshConfig: renderMeshConfig(props, this.gracefulSeconds, foundation),
      compatibilityVersion: props.compatibilityVersion,
    });
    if (props.hub !== undefined) warn(this, ...retiredRegistryWarnings([{ place: 'hub', address: props.hub }]));
    const raw = props.values ?? {};
    if (!foundation) this.base = this.renderBase(mergeValues(values.base, raw.base ?? {}));
    const policy = this.networkPolicies ? NETWORK_POLICY_VALUES : {};
    const istiod = withGracefulTemplate(mergeValues(values.istiod, policy, raw.istiod ?? {}), this.gracefulSeconds);
    const release = releaseName(revision === undefined ? 'istiod' : `istiod-${revision}`);
    this.istiod = this.render('istiod', 'istiod', release, this.namespaceName, istiod);
    this.meshConfig = (istiod.meshConfig ?? {}) as MeshConfig;
    this.extensionProviders = this.meshConfig.extensionProviders ?? [];
    throwProblems(this, defaultProviderProblems(this.meshConfig));
    if (!foundation && this.usesCni) {
      const cni = mergeValues(values.cni, policy, raw.cni ?? {});
      this.cni = this.render('cni', 'cni', 'istio-cni', this.namespaceName, cni);
    }
    this.gateways = new Map(
      moduleGateways(props.ingressGateways, props.egressGateways).map((gateway) => [
        gateway.name,
        this.renderGateway(gateway),
      ]),
    );
    if (this.networkPolicies) this.defaultDeny = this.hold(this.networkPolicies);

    this.meshTelemetry = stable ? stable.meshTelemetry : (foundation?.meshTelemetry ?? moduleTelemetry(props));
    if (!foundation) {
      if (props.mutualTls !== false) {
        const mode = props.mutualTls ?? MutualTls.STRICT;
        this.peerAuthentication = meshPeerAuthentication(this, this.rootNamespace, mode);
      }
      this.telemetry = meshTelemetryObject(this, this.rootNamespace, this.meshTelemetry);
    }
    const { discoverySelectors } = this.meshConfig;
    if (discoverySelectors) {
      this.node.addValidation({ validate: () => undiscoveredNamespaces(this, discoverySelectors) });
    }

    this.running = this.runningIstiod();
    this.order();
    this.node.addValidation({ validate: () => this.unservedGateways() });
  }

  get foundation(): IstioInstallation {
    return this.props.beside?.foundation ?? this;
  }

  /** Whether the destination of spans is set for the whole mesh. */
  get traces(): boolean {
    return this.meshTelemetry.tracing !== undefined || this.hasDefaultProvider('tracing');
  }

  /** Whether the mesh configuration sets the providers of access logs for the whole mesh. */
  get logsByDefault(): boolean {
    return this.hasDefaultProvider('accessLogging');
  }

  private hasDefaultProvider(use: 'tracing' | 'accessLogging'): boolean {
    return (this.meshConfig.defaultProviders?.[use]?.length ?? 0) > 0;
  }

  private render(id: string, chart: IstioChartName, releaseName: string, namespace: string, values: HelmValues): Helm {
    const { charts = IstioCharts.official(), version, helmExecutable, hub } = this.props;
    const named = textsIn(`values.${chart}`, values).filter(({ address }) => address !== hub);
    warn(this, ...retiredRegistryWarnings(named));
    return renderChart(this, id, { charts, chart, version, releaseName, namespace, values, helmExecutable });
  }

  private renderBase(values: HelmValues): Helm {
    const { charts = IstioCharts.official(), version, base = {}, helmExecutable } = this.props;
    return renderChart(this, 'base', {
      charts: base.charts ?? charts,
      chart: 'base',
      version: base.version ?? version,
      releaseName: 'istio-base',
      namespace: this.namespaceName,
      values,
      helmExecutable,
    });
  }

  private renderGateway(gateway: ModuleGateway): Helm {
    const { name, namespace = this.namespaceName, values = {} } = gateway;
    const policy = this.networkPolicies ? NETWORK_POLICY_VALUES : {};
    const own = gatewayValues(gateway, this.props.revision);
    const merged = mergeValues(own, policy, this.props.values?.gateway ?? {}, values);
    return this.render(`gateway-${name}`, 'gateway', releaseName(name), namespace, merged);
  }

  /** @returns the NetworkPolicy for other pods; undefined with `beside` or `otherPods: 'untouched'` */
  private hold(policies: NetworkPolicies): ApiObject | undefined {
    const charts: [string, Helm][] = [
      ['istiod', this.istiod],
      ...(this.cni ? [['cni', this.cni] as [string, Helm]] : []),
      ...[...this.gateways.values()].map((gateway): [string, Helm] => ['gateway', gateway]),
    ];
    const [problem] = charts.flatMap(([name, chart]) => holdChart(chart, name, this.version, policies));
    if (problem !== undefined) throw constructError(this, problem);
    if (this.props.beside || policies.otherPods === 'untouched') return undefined;
    const denial = denyOtherPods(this, this.namespaceName);
    const allowances = charts.flatMap(([, chart]) => chart.apiObjects).filter(({ kind }) => kind === 'NetworkPolicy');
    denial.addDependency(...allowances);
    return denial;
  }

  private gatewayPlaceProblems(): string[] {
    const { beside, namespace = 'istio-system', revision, revisionTags = [] } = this.props;
    const own = revision ?? DEFAULT_REVISION;
    const foundation = beside?.foundation;
    if (!foundation) return gatewayPlaceProblems(this.props, namespace, [own, ...revisionTags], own);
    // The labels of namespaces outside the app are unknown.
    if (!(foundation instanceof IstioModule)) return [];
    return gatewayPlaceProblems(this.props, foundation.namespaceName, foundation.revisions, own);
  }

  private unservedGateways(): string[] {
    const order = MeshOrder.of(this);
    const known = order
      .controlPlanesOf(this.node.root)
      .flatMap(({ module, revisions }) =>
        module instanceof IstioInstallation && module.foundation === this.foundation ? revisions : [],
      );
    return moduleGateways(this.props.ingressGateways, this.props.egressGateways)
      .filter(({ revision }) => revision !== undefined && !known.includes(revision))
      .map(
        ({ kind, name, revision }) =>
          `${kind} gateway '${name}': revision '${String(revision)}' does not exist in the app, whose control planes have the revisions and tags ${known.map((one) => `'${one}'`).join(', ')}: name one of them`,
      );
  }

  private runningIstiod(): readonly ApiObject[] {
    const installed = [...(this.base?.apiObjects ?? []), ...this.istiod.apiObjects];
    const deployments = this.istiod.apiObjects.filter(({ kind }) => kind === 'Deployment');
    // A chart without an istiod, for a remote control plane, is ready once it is applied.
    return deployments.length > 0 ? deployments : installed.filter(({ kind }) => !FOLLOWS_DEPLOYMENT.has(kind));
  }

  private order(): void {
    const { foundation, running } = this;
    const namespace = this.namespace?.namespaceObject;
    const installed = [...(this.base?.apiObjects ?? []), ...this.istiod.apiObjects];
    const deployments = this.istiod.apiObjects.filter(({ kind }) => kind === 'Deployment');
    const followers = installed.filter(({ kind }) => FOLLOWS_DEPLOYMENT.has(kind));
    const first = installed.filter((object) => !deployments.includes(object) && !followers.includes(object));
    if (namespace) {
      for (const object of [
        ...installed,
        ...(this.cni?.apiObjects ?? []),
        ...(this.defaultDeny ? [this.defaultDeny] : []),
      ]) {
        object.addDependency(namespace);
      }
    }
    const stable = foundation !== this && foundation instanceof IstioModule ? foundation.running : [];
    for (const deployment of deployments) deployment.addDependency(...first, ...stable);
    const agents = this.orderWorkload(this.cni?.apiObjects ?? [], running);
    const webhooks = followers.filter(({ kind }) => kind.endsWith('WebhookConfiguration'));
    for (const object of followers) if (!webhooks.includes(object)) object.addDependency(...running);
    // The node agent runs before the first pod gets a sidecar, so the webhooks follow it. The webhooks follow each
    // other only to leave a single chain: all policies depend on these objects, and cdk8s follows every chain of
    // dependencies from each policy when it sorts.
    let ready = running;
    for (const object of [...agents, ...webhooks]) {
      object.addDependency(...ready);
      ready = [object];
    }
    // A gateway's own proxy is injected.
    for (const gateway of this.gateways.values()) this.orderWorkload(gateway.apiObjects, ready);
    MeshOrder.of(this).addControlPlane({
      module: this,
      namespace: this.namespaceName,
      rootNamespace: this.rootNamespace,
      version: this.version,
      cni: this.usesCni,
      dnsCapture: capturesDns(this.meshConfig.defaultConfig),
      extensionProviders: this.extensionProviders,
      exportDefaults: exportDefaults(this.meshConfig),
      revisions: this.revisions,
      gateways: this.gateways,
      parts: [
        ...(namespace ? [namespace] : []),
        ...[this.base, this.istiod, this.cni, this.defaultDeny].filter((part) => part !== undefined),
      ],
      ready,
    });
  }

  /** Makes a chart's workload depend on other objects and on the rest of its chart. Returns the workload. */
  private orderWorkload(objects: readonly ApiObject[], after: readonly ApiObject[]): ApiObject[] {
    const workloads = objects.filter(({ kind }) => kind === 'DaemonSet' || kind === 'Deployment');
    const rest = objects.filter((object) => !workloads.includes(object) && !FOLLOWS_DEPLOYMENT.has(object.kind));
    for (const workload of workloads) workload.addDependency(...after, ...rest);
    return workloads;
  }
}

function problems(props: IstioModuleProps): string[] {
  const size = props.clusterSize ?? ClusterSize.LARGE;
  const found = [
    ...istioVersionProblem(props.version),
    ...compatibilityVersionProblem(props.compatibilityVersion, props.version),
    ...labelNameProblem('namespace', props.namespace ?? 'istio-system'),
    ...chartsProblem(props.charts ?? IstioCharts.official()),
    ...size.problems('clusterSize'),
    ...resourceProblems('proxy.resources', size.proxyResources(props.proxy?.resources), CHART_PROXY_RESOURCES),
    ...istiodProblems({ ...props.istiod, resources: size.istiodResources(props.istiod?.resources) }),
    ...cniProblems(props.cni),
    ...meshConfigProblems(props),
    ...moduleTelemetryProblems(props),
    ...revisionProblems(props.revision, props.revisionTags ?? []),
    ...gatewayProblems(moduleGateways(props.ingressGateways, props.egressGateways)),
    ...networkPolicyProblems(props.networkPolicies ?? {}),
    ...gracefulTerminationProblems(props.gracefulTermination),
  ];
  const { version, base = {} } = props;
  if (base.charts) found.push(...chartsProblem(base.charts));
  if (base.version !== undefined) {
    const wrong = istioVersionProblem(base.version);
    found.push(...wrong.map((problem) => `base.${problem}`));
    if (wrong.length === 0 && minorVersionsAbove(base.version, version) < 0) {
      found.push(
        `base.version '${base.version}' is older than the control plane, which has version '${version}': write that`,
      );
    }
  }
  return found;
}
