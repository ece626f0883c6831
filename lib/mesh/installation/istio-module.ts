import { ApiObject, type Helm } from 'cdk8s';
import { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { resourceProblems } from './container-resources';
import type { ExtensionProvider } from '../telemetry/extension-provider';
import { chartsProblem, IstioCharts, type IstioChartName } from './istio-charts';
import type { IngressGateway, IstioModuleProps } from './istio-module-props';
import type { MeshConfig } from './mesh-config';
import { istioValues, mergeValues, type HelmValues } from './istio-values';
import { istioVersionProblem } from './istio-version';
import { moduleTelemetry, moduleTelemetryProblems, registeredProviders } from '../telemetry/module-telemetry';
import { MeshNamespace } from '../namespaces/mesh-namespace';
import { MeshOrder } from '../mesh-order';
import { MutualTls } from '../security/mutual-tls';
import { labelNameProblem } from '../object-name';
import { renderChart } from './render-chart';
import { SidecarInjection } from '../namespaces/sidecar-injection';
import { renderTelemetry, type TelemetrySettings } from '../telemetry/telemetry-settings';

const CHART_PROXY_RESOURCES = {
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { cpu: '2000m', memory: '1024Mi' },
};
const CHART_ISTIOD_RESOURCES = { requests: { cpu: '500m', memory: '2048Mi' } };
const FOLLOWS_DEPLOYMENT = new Set([
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

/**
 * Istio with sidecars, rendered from its official Helm charts.
 *
 * Its defaults are a module's: injection only where a namespace asks for it, strict mutual TLS in the whole mesh,
 * distroless images, the CNI node agent instead of privileged init containers, applications that wait for their proxy.
 *
 * Order is part of it, as dependencies between the objects: the module's Namespace; what base holds, and what istiod
 * needs; istiod's Deployment; the CNI node agent; the webhooks; then the gateways, and everything in the app that needs
 * the webhooks, which is all of Istio's API groups and all that makes pods in a {@link MeshNamespace} with injection.
 * Webhooks come after the Deployment, and so go before it: at no time does the API server call an istiod that is not
 * there, and refuse pods for it. Nor does a pod get a sidecar that no node agent redirects traffic to.
 *
 * The webhooks' `caBundle` and `failurePolicy` are left out: istiod owns them at run time.
 *
 * Escape hatches: `values` for the charts, and `base`, `istiod`, `cni`, `gateways`, `peerAuthentication` and `telemetry`
 * for the raw objects.
 *
 * @see https://istio.io/latest/docs/setup/install/helm/
 */
export class IstioModule extends Construct {
  readonly version: string;

  /** The namespace of the module's own. */
  readonly namespace: MeshNamespace;

  /** The namespace whose resources apply to the whole mesh. */
  readonly rootNamespace: string;

  /** The rendered chart base: `base.apiObjects` are the raw objects. */
  readonly base: Helm;

  /** The rendered chart istiod. */
  readonly istiod: Helm;

  /** The rendered chart cni, unless it is turned off. */
  readonly cni?: Helm;

  /** The rendered ingress gateways, by name. */
  readonly gateways: ReadonlyMap<string, Helm>;

  /** The raw mesh-wide PeerAuthentication, unless it is turned off. */
  readonly peerAuthentication?: ApiObject;

  /** The raw mesh-wide Telemetry, if there is something to say in it: traces, access logs and metrics in one. */
  readonly telemetry?: ApiObject;

  /** What it says. */
  readonly meshTelemetry: TelemetrySettings;

  /** The providers that the mesh configuration defines, besides those of every Istio. */
  readonly extensionProviders: readonly ExtensionProvider[];

  private readonly meshConfig: MeshConfig;

  /**
   * @throws Error listing all props that are wrong; or one sentence with the remedy when helm is missing, a chart cannot
   * be fetched or found, or it does not take the values
   */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: IstioModuleProps,
  ) {
    super(scope, id);
    throwProblems(this, problems(props));
    this.version = props.version;
    const name = props.namespace ?? 'istio-system';
    this.rootNamespace = props.meshConfig?.rootNamespace ?? name;
    this.namespace = new MeshNamespace(this, 'namespace', {
      name,
      injection: SidecarInjection.ENABLED,
      ownership: props.namespaceOwnership,
    });

    const values = istioValues({
      version: props.version,
      namespace: name,
      hub: props.hub ?? 'docker.io/istio',
      variant: props.variant ?? 'distroless',
      cni: props.cni ?? true,
      proxyResources: props.proxy?.resources ?? {},
      istiodResources: props.istiod?.resources ?? {},
      istiodReplicas: props.istiod?.replicas,
      meshConfig: props.meshConfig ?? {},
      defaultConfig: props.defaultConfig ?? {},
      accessLogFile: props.accessLogFile,
      prometheusMerge: props.metrics?.merge,
      extensionProviders: registeredProviders(props),
    });
    const raw = props.values ?? {};
    this.base = this.render('base', 'base', 'istio-base', name, mergeValues(values.base, raw.base ?? {}));
    const istiod = mergeValues(values.istiod, raw.istiod ?? {});
    this.istiod = this.render('istiod', 'istiod', 'istiod', name, istiod);
    this.meshConfig = (istiod.meshConfig ?? {}) as MeshConfig;
    this.extensionProviders = this.meshConfig.extensionProviders ?? [];
    if (props.cni ?? true) {
      this.cni = this.render('cni', 'cni', 'istio-cni', name, mergeValues(values.cni, raw.cni ?? {}));
    }
    this.gateways = new Map(
      (props.ingressGateways ?? []).map((gateway) => [gateway.name, this.renderGateway(gateway)]),
    );

    if (props.mutualTls !== false) {
      this.peerAuthentication = new ApiObject(this, 'peer-authentication', {
        apiVersion: 'security.istio.io/v1',
        kind: 'PeerAuthentication',
        metadata: { name: 'default', namespace: this.rootNamespace },
        spec: { mtls: { mode: props.mutualTls ?? MutualTls.STRICT } },
      });
    }
    this.meshTelemetry = moduleTelemetry(props);
    const spec = renderTelemetry(this.meshTelemetry);
    if (Object.keys(spec).length > 0) {
      this.telemetry = new ApiObject(this, 'telemetry', {
        apiVersion: 'telemetry.istio.io/v1',
        kind: 'Telemetry',
        metadata: { name: 'mesh-default', namespace: this.rootNamespace },
        spec,
      });
    }
    this.order();
  }

  /** Whether something says for the whole mesh where spans go. */
  get traces(): boolean {
    return this.meshTelemetry.tracing !== undefined || this.hasDefaultProvider('tracing');
  }

  /** Whether the mesh configuration, other than a Telemetry, says for the whole mesh which providers log. */
  get logsByDefault(): boolean {
    return this.hasDefaultProvider('accessLogging');
  }

  private hasDefaultProvider(use: 'tracing' | 'accessLogging'): boolean {
    return (this.meshConfig.defaultProviders?.[use]?.length ?? 0) > 0;
  }

  private render(id: string, chart: IstioChartName, releaseName: string, namespace: string, values: HelmValues): Helm {
    const { charts = IstioCharts.official(), version, helmExecutable } = this.props;
    return renderChart(this, id, { charts, chart, version, releaseName, namespace, values, helmExecutable });
  }

  private renderGateway({ name, namespace = this.namespace.name, serviceType, values = {} }: IngressGateway): Helm {
    const service = serviceType === undefined ? {} : { service: { type: serviceType } };
    const merged = mergeValues(service, this.props.values?.gateway ?? {}, values);
    return this.render(`gateway-${name}`, 'gateway', name, namespace, merged);
  }

  private order(): void {
    const namespace = this.namespace.namespaceObject;
    const installed = [...this.base.apiObjects, ...this.istiod.apiObjects];
    const deployments = this.istiod.apiObjects.filter(({ kind }) => kind === 'Deployment');
    const followers = installed.filter(({ kind }) => FOLLOWS_DEPLOYMENT.has(kind));
    const first = installed.filter((object) => !deployments.includes(object) && !followers.includes(object));
    for (const object of [...installed, ...(this.cni?.apiObjects ?? [])]) {
      object.addDependency(namespace);
    }
    for (const deployment of deployments) deployment.addDependency(...first);
    // A chart that runs no istiod here, for a control plane elsewhere, is ready once it is applied.
    const running = deployments.length > 0 ? deployments : first;
    const agents = this.orderWorkload(this.cni?.apiObjects ?? [], running);
    const webhooks = followers.filter(({ kind }) => kind.endsWith('WebhookConfiguration'));
    for (const object of followers) if (!webhooks.includes(object)) object.addDependency(...running);
    // In single file, for cdk8s walks every path below an object when it sorts, and all policies have these below them.
    let ready = running;
    for (const object of [...agents, ...webhooks]) {
      object.addDependency(...ready);
      ready = [object];
    }
    // A gateway's own proxy is injected.
    for (const gateway of this.gateways.values()) this.orderWorkload(gateway.apiObjects, ready);
    MeshOrder.of(this).addControlPlane({
      module: this,
      rootNamespace: this.rootNamespace,
      parts: [namespace, this.base, this.istiod, ...(this.cni ? [this.cni] : [])],
      ready,
    });
  }

  /** Makes a chart's workload wait for others and for the rest of its chart; returns the workload. */
  private orderWorkload(objects: readonly ApiObject[], after: readonly ApiObject[]): ApiObject[] {
    const workloads = objects.filter(({ kind }) => kind === 'DaemonSet' || kind === 'Deployment');
    const rest = objects.filter((object) => !workloads.includes(object) && !FOLLOWS_DEPLOYMENT.has(object.kind));
    for (const workload of workloads) workload.addDependency(...after, ...rest);
    return workloads;
  }
}

function problems(props: IstioModuleProps): string[] {
  const found = [
    ...istioVersionProblem(props.version),
    ...labelNameProblem('namespace', props.namespace ?? 'istio-system'),
    ...chartsProblem(props.charts ?? IstioCharts.official()),
    ...resourceProblems('proxy.resources', props.proxy?.resources ?? {}, CHART_PROXY_RESOURCES),
    ...resourceProblems('istiod.resources', props.istiod?.resources ?? {}, CHART_ISTIOD_RESOURCES),
    ...moduleTelemetryProblems(props),
  ];
  const replicas = props.istiod?.replicas;
  if (replicas !== undefined && !(Number.isInteger(replicas) && replicas >= 1)) {
    found.push(`istiod.replicas ${String(replicas)} is out of range: write a whole number from 1 on`);
  }
  const names = (props.ingressGateways ?? []).map(({ name }) => name);
  names.forEach((name, index) => {
    found.push(...labelNameProblem('ingress gateway', name));
    if (names.indexOf(name) < index) found.push(`ingress gateway '${name}' is there twice: give each another name`);
  });
  return found;
}
