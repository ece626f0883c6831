import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { RestartQuestions } from '../access/restart-questions';
import { SidecarRestartAccess } from '../access/sidecar-restart-access';
import { throwProblems } from '../construct-error';
import type { ContainerResources } from '../installation/container-resources';
import type { IstioInstallation } from '../installation/istio-installation';
import { IstioModule } from '../installation/istio-module';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { InstallationStage } from '../ordering/installation-stage';
import { warn } from '../warnings';
import { imageWarnings } from './image-reference';
import { controlPlaneNamespacesOf, decidesSidecars, injectorServicesOf, meshOf } from './restarted-mesh';
import { METRICS_PORT, restartDeploymentSpec } from './restart-deployment';
import { FingerprintedJob, restartJobSpec } from './restart-job';
import type { RestarterMode, RestarterSchedule } from './restarter-mode';
import { restarterMonitoring, type RestarterMonitoring } from './restarter-monitoring';
import { restarterNetworkPolicy, type RestarterNetworkPolicy } from './restarter-network-policy';
import { planName, publishedPlan } from './published-plan';
import { activeDeadlineSeconds, gracePeriodSeconds, restartFlags, type RestarterOptions } from './restarter-options';
import { restarterProblems } from './restarter-problems';
import { restarterResources } from './restarter-resources';

/** Properties of {@link SidecarRestarter}. */
export interface SidecarRestarterProps {
  /** When the restarter runs. */
  readonly mode: RestarterMode;

  /**
   * The Istio whose sidecars are restarted: one control plane, or all of a mesh, such as the stable one and the canary.
   */
  readonly istio: IstioInstallation | readonly IstioInstallation[];

  /** The image that contains the command line, with a tag or a digest. Its user must not be root. */
  readonly image: string;

  /**
   * Options of the restarts.
   *
   * @default - those of `istio-module restart`, with a `deadline`
   */
  readonly options?: RestarterOptions;

  /**
   * The namespace in which the restarter runs, as the construct or by name. Anyone who can create pods there can use
   * its permissions.
   *
   * @default - the namespace of the first control plane
   */
  readonly namespace?: NamespaceReference;

  /**
   * How the restarter determines the expected sidecar of a workload.
   *
   * @default RestartQuestions.DRY_RUNS
   */
  readonly asks?: RestartQuestions;

  /**
   * Names of the injectors' Services that the restarter may call directly. For a Service outside the namespace of the
   * first control plane, write `NAMESPACE/NAME`.
   *
   * @default - the Services that the webhooks of `istio` call; for an `ExistingIstio`, those named after its revisions
   */
  readonly injectorServices?: readonly string[];

  /**
   * Whether admission policies restrict the restarter to restarts. Needs Kubernetes 1.30 or newer.
   *
   * @default true
   */
  readonly admissionPolicy?: boolean;

  /**
   * Whether a NetworkPolicy allows only connections to the API server; optionally with the server's address.
   *
   * @default - true if the restarter is in the namespace of a control plane whose `networkPolicies` deny all traffic of
   * pods without a NetworkPolicy, otherwise false
   */
  readonly networkPolicy?: boolean | RestarterNetworkPolicy;

  /**
   * Objects with which Prometheus and Grafana monitor the restarter: all of them (`true`), or those that the given
   * settings do not disable. Needs `RestarterMode.watch`.
   *
   * @default false
   */
  readonly monitoring?: boolean | RestarterMonitoring;

  /**
   * Whether each plan is written to a ConfigMap, which `kubectl` and dashboards can read. Anyone who can read it sees
   * the names of outdated workloads in all namespaces.
   *
   * @default false
   */
  readonly publishPlan?: boolean;

  /**
   * Resources of the container. The given quantities replace the defaults.
   *
   * @default - requests of 50m and 128Mi, limits of 1 and 512Mi
   */
  readonly resources?: ContainerResources;

  /**
   * Names of the Secrets in the restarter's namespace with which the image is pulled.
   *
   * @default - none
   */
  readonly imagePullSecrets?: readonly string[];

  /**
   * Format of the log: one JSON object per line, or text.
   *
   * @default 'json'
   */
  readonly logFormat?: 'json' | 'text';

  /**
   * `metadata.name` of the ServiceAccount, the CronJob, the Deployment and its Lease, the PodDisruptionBudget and the
   * NetworkPolicy; the names of the Job and the access start with it. At most 52 characters.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * Restarts outdated sidecars from inside the cluster: a Job or a CronJob that runs `istio-module restart`, or a
 * Deployment that runs `istio-module watch`, with its own ServiceAccount and {@link SidecarRestartAccess}.
 *
 * Its pods get no sidecar and meet the Pod Security Standard `restricted`. If a run fails, the Job fails; the log, the
 * pod's status and Events on the workloads show why. A run that finds nothing to restart completes. In an
 * {@link OrderedApp}, the Job or Deployment is in the stage `RESTART`.
 */
export class SidecarRestarter extends MeshConstruct {
  /** The permissions. */
  readonly access: SidecarRestartAccess;

  /** The raw ServiceAccount. */
  readonly serviceAccount: ApiObject;

  /** The raw Job of `RestarterMode.afterSync`. Its synthesized name ends with a fingerprint. */
  readonly job: ApiObject | undefined;

  /** The raw CronJob of `RestarterMode.schedule`. */
  readonly cronJob: ApiObject | undefined;

  /** The raw Deployment of `RestarterMode.watch`. */
  readonly deployment: ApiObject | undefined;

  /** The raw PodDisruptionBudget of a Deployment with several pods. */
  readonly podDisruptionBudget: ApiObject | undefined;

  /** The raw PodMonitor, PrometheusRule and ConfigMap that `monitoring` requests. */
  readonly monitoring: readonly ApiObject[] = [];

  /** The raw ConfigMap, Role and RoleBinding of `publishPlan`; the manifest of the ConfigMap has no data. */
  readonly plan: readonly ApiObject[];

  /** The raw NetworkPolicy, if there is one. */
  readonly networkPolicy: ApiObject | undefined;

  private readonly istios: readonly IstioInstallation[];
  private readonly metadata: { readonly name: string; readonly namespace: string };
  private readonly labels: Readonly<Record<string, string>>;

  /** @throws Error listing all props that are wrong */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: SidecarRestarterProps,
  ) {
    super(scope, id);
    const { istio, image, options = {}, admissionPolicy = true } = props;
    this.istios = isList(istio) ? istio : [istio];
    const [first] = this.istios;
    const name = props.name ?? id;
    const namespace = namespaceName(props.namespace ?? first?.namespaceName ?? '');
    throwProblems(this, restarterProblems(props, { name, namespace, istios: this.istios }));
    warn(this, ...imageWarnings(image));
    const { schedule } = props.mode;
    this.metadata = { name, namespace };
    this.labels = { 'app.kubernetes.io/name': 'sidecar-restarter', 'app.kubernetes.io/instance': name };

    this.serviceAccount = new ApiObject(this, 'service-account', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { ...this.metadata, labels: this.labels },
      ...(props.imagePullSecrets
        ? { imagePullSecrets: props.imagePullSecrets.map((secret) => ({ name: secret })) }
        : {}),
    });
    const namespaces = controlPlaneNamespacesOf(this.istios);
    this.access = new SidecarRestartAccess(this, 'access', {
      name,
      subjects: [{ toSubjectConfiguration: () => ({ kind: 'ServiceAccount', ...this.metadata }) }],
      asks: props.asks,
      uninstall: false,
      inPlace: options.inPlace,
      eviction: options.evict,
      injectorServices: props.injectorServices ?? injectorServicesOf(this.istios),
      istioNamespace: first?.namespaceName,
      watch: schedule.kind === 'watch' ? { lease: this.metadata, namespaces } : undefined,
      admissionPolicy,
    });
    const policy = props.networkPolicy ?? this.istios.some((one) => cutsOff(one, namespace));
    if (policy !== false) {
      const held = policy === true ? {} : policy;
      const metricsPort = schedule.kind === 'watch' ? METRICS_PORT : undefined;
      this.networkPolicy = restarterNetworkPolicy(this, this.metadata, this.labels, held, metricsPort);
    }
    this.plan = props.publishPlan === true ? publishedPlan(this, this.metadata, this.labels) : [];
    const workload = this.workload(schedule);
    switch (schedule.kind) {
      case 'schedule':
        this.cronJob = workload;
        break;
      case 'afterSync':
        this.job = workload;
        InstallationStage.RESTART.add(workload);
        break;
      case 'watch':
        this.deployment = workload;
        this.podDisruptionBudget = schedule.replicas > 1 ? this.budget() : undefined;
        this.monitoring = this.monitored(schedule.resyncSeconds);
        InstallationStage.RESTART.add(workload);
    }
    this.order(workload);
  }

  private monitored(resyncSeconds: number): readonly ApiObject[] {
    const { monitoring = false } = this.props;
    const wanted = monitoring === true ? {} : monitoring;
    return wanted
      ? restarterMonitoring(this, { metadata: this.metadata, labels: this.labels, resyncSeconds }, wanted)
      : [];
  }

  private budget(): ApiObject {
    return new ApiObject(this, 'pod-disruption-budget', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { ...this.metadata, labels: this.labels },
      // A pod whose runs fail is not ready, and must not block the drain of a node.
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: this.labels },
      },
    });
  }

  private workload(schedule: RestarterSchedule): ApiObject {
    const { options = {}, image, logFormat = 'json' } = this.props;
    const { name, namespace } = this.metadata;
    const flags = [
      ...(logFormat === 'json' ? ['--log-format=json'] : []),
      ...(this.plan.length > 0 ? [`--publish-plan=${namespace}/${planName(name)}`] : []),
      ...restartFlags(options),
    ];
    const pod = { name, image, labels: this.labels, resources: restarterResources(this.props.resources) };
    const spec = restartJobSpec({
      ...pod,
      args: ['restart', '--yes', ...flags],
      activeDeadlineSeconds: activeDeadlineSeconds(options),
    });
    switch (schedule.kind) {
      case 'watch':
        return new ApiObject(this, 'deployment', {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { ...this.metadata, labels: this.labels },
          spec: restartDeploymentSpec({
            ...pod,
            args: [
              'watch',
              `--lease=${namespace}/${name}`,
              `--listen=${String(METRICS_PORT)}`,
              `--resync=${String(schedule.resyncSeconds)}s`,
              ...flags,
            ],
            replicas: schedule.replicas,
            progressDeadlineSeconds: activeDeadlineSeconds(options),
            selector: this.labels,
            gracePeriodSeconds: gracePeriodSeconds(options),
          }),
        });
      case 'afterSync':
        return new FingerprintedJob(
          this,
          'job',
          {
            apiVersion: 'batch/v1',
            kind: 'Job',
            metadata: {
              ...this.metadata,
              labels: this.labels,
              annotations: {
                'argocd.argoproj.io/hook': 'Sync',
                'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
                'argocd.argoproj.io/sync-wave': String(schedule.syncWave),
              },
            },
            spec: { ...spec, ttlSecondsAfterFinished: schedule.keepForSeconds },
          },
          () => meshOf(this.istios, this.node.root),
        );
      case 'schedule':
        return new ApiObject(this, 'cron-job', {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          metadata: { ...this.metadata, labels: this.labels },
          spec: {
            schedule: schedule.cron,
            timeZone: schedule.timeZone,
            concurrencyPolicy: 'Forbid',
            startingDeadlineSeconds: schedule.startingDeadlineSeconds,
            successfulJobsHistoryLimit: schedule.completedJobs,
            failedJobsHistoryLimit: schedule.failedJobs,
            jobTemplate: { metadata: { labels: this.labels }, spec },
          },
        });
    }
  }

  /**
   * Orders a run after everything that it needs, and after all objects of its Chart that determine which sidecars are
   * outdated.
   */
  private order(workload: ApiObject): void {
    const order = MeshOrder.of(this);
    const ready = this.istios.flatMap((istio) =>
      order.controlPlanesOf(istio).flatMap((one) => (one.module === istio ? one.ready : [])),
    );
    const own = [this.serviceAccount, ...this.plan, ...(this.networkPolicy ? [this.networkPolicy] : [])];
    workload.addDependency(...own, this.access, ...ready);
    order.addObjects(this);
    this.node.addValidation({
      validate: () => {
        const chart = Chart.of(this);
        const deciding = chart.node
          .findAll()
          .filter((one) => one instanceof ApiObject && decidesSidecars(one) && Chart.of(one) === chart);
        const known = new Set(workload.node.dependencies);
        workload.addDependency(...deciding.filter((one) => !known.has(one)));
        return [];
      },
    });
  }
}

/** Whether the module denies all traffic of pods in the namespace that have no NetworkPolicy of their own. */
function cutsOff(istio: IstioInstallation, namespace: string): boolean {
  return istio instanceof IstioModule && istio.defaultDeny !== undefined && istio.namespaceName === namespace;
}

function isList(istio: SidecarRestarterProps['istio']): istio is readonly IstioInstallation[] {
  return Array.isArray(istio);
}
