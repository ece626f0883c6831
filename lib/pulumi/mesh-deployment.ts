import * as pulumi from '@pulumi/pulumi';
import type { Chart } from 'cdk8s';
import { buildChart, inputOf, whenBuilt, type ChartFunction } from './build-chart';
import { fingerprintOf } from './chart-objects';
import { ChartResources } from './chart-resources';
import type { ClusterArgs } from './cluster-args';
import type { DeployedChart } from './deployed-chart';
import { logPrediction } from './log-prediction';
import { logRestart } from './log-restart';
import { MeshProvider } from './mesh-provider';
import type { RestartArgs } from './restart-args';
import { SidecarRestart } from './sidecar-restart';
import { UninstallGuard } from './uninstall-guard';

export interface MeshDeploymentArgs<T extends pulumi.Inputs = Record<string, never>> extends ClusterArgs {
  /**
   * A cdk8s chart that contains an IstioModule or an ExistingIstio, or a function that builds one, which may be async.
   * The function receives an App, and the values of {@link MeshDeploymentArgs.inputs}.
   */
  readonly chart: Chart | ChartFunction<T>;
  /**
   * What the function `chart` needs of other resources: an object of values, Outputs and Promises. The function receives
   * them once their values are known, and everything in the chart depends on the resources that they come from. Until
   * the update knows the values, a preview shows no objects of the chart.
   *
   * @default - none
   * @see https://www.pulumi.com/docs/iac/concepts/inputs-outputs/
   */
  readonly inputs?: T;
  /**
   * Whether to uninstall although Istio resources exist that the stack does not own. They are lost.
   *
   * @default - false; true for a chart that does not bring the CustomResourceDefinitions
   */
  readonly force?: boolean;
  /**
   * Whether the chart's version may be one minor version before the applied one, to go back after an upgrade. Istio
   * supports no proxy ahead of its control plane, but such proxies run until the restarts are complete. To keep the
   * CustomResourceDefinitions and their fields of the later version, set `base.version` of the `IstioModule` to the
   * later version. Within a minor version, any step is allowed.
   *
   * @default false
   * @see https://istio.io/latest/docs/releases/supported-releases/#control-planedata-plane-skew
   */
  readonly allowDowngrade?: boolean;
  /**
   * How workloads are restarted.
   *
   * @default - the engine's defaults
   */
  readonly restart?: RestartArgs;
}

/**
 * Applies a chart in its own order, then restarts the workloads whose sidecar is out of date.
 *
 * A chart that only configures an `ExistingIstio` has no {@link IstioRelease}. If an `IstioModule` runs beside an
 * `ExistingIstio`, the CustomResourceDefinitions and their resources outlive the stack.
 *
 * The order is: {@link IstioRelease}; the objects that need no webhook, as the chart orders them;
 * {@link ControlPlaneReadiness}; the objects of Istio's API groups; {@link SidecarRemoval}; {@link SidecarRestart};
 * STRICT mutual TLS; {@link UninstallGuard}. `pulumi destroy` uses the reverse order: it refuses before anything
 * changes, accepts plain text, removes the sidecars while istiod still serves them and policies still protect them, and
 * then the rest.
 */
export class MeshDeployment<T extends pulumi.Inputs = Record<string, never>> extends pulumi.ComponentResource {
  /** What was restarted, warned about and skipped. */
  readonly restart: SidecarRestart;

  /**
   * @throws Error when the chart has neither an IstioModule nor an ExistingIstio, or holds an Output; of an async
   * function, or one with `inputs`, later
   */
  constructor(name: string, args: MeshDeploymentArgs<T>, opts?: pulumi.ComponentResourceOptions) {
    const started = new Date();
    const { inputs, restart, allowDowngrade, force } = args;
    // An invalid chart is refused before anything is registered.
    const chart = buildChart(args.chart, inputs);
    super('istio-module:index:MeshDeployment', name, {}, opts);
    const provider = new MeshProvider(`${name}-kubernetes`, args, this);
    const { target: cluster } = provider;
    const sources = inputs === undefined ? [] : [resourcesOf(inputs)];
    const resources = new ChartResources({ name, component: this, provider, restart, allowDowngrade, sources });
    this.restart = new SidecarRestart(
      `${name}-restart`,
      {
        fingerprint: inputOf(chart, ({ objects }) => fingerprintOf(objects)),
        strictFollows: inputOf(chart, ({ strictFollows }) => strictFollows),
        restart,
        ...cluster,
      },
      {
        parent: this,
        dependsOn: whenBuilt(
          chart,
          (built) => resources.beforeRestart(built),
          () => [],
        ),
      },
    );
    new UninstallGuard(
      `${name}-guard`,
      {
        owned: inputOf(chart, ownedBy),
        force: force ?? inputOf(chart, ({ bringsBase }) => !bringsBase),
        ...cluster,
      },
      {
        parent: this,
        dependsOn: whenBuilt(
          chart,
          (built) => resources.afterRestart(built, this.restart),
          () => [this.restart],
        ),
      },
    );
    logRestart(this.restart, started);
    void whenBuilt(
      chart,
      ({ objects }) => {
        const manifests = objects.map(({ manifest }) => manifest);
        logPrediction(this, manifests, cluster, restart);
      },
      () => {
        void pulumi.log.warn(UNKNOWN_CHART, this);
      },
    );
    this.registerOutputs({ restart: this.restart });
  }
}

const UNKNOWN_CHART =
  'Some of the inputs of the chart are known only in the update, so this preview does not show the objects of the chart. Objects of the last update appear as deleted; the update keeps those that the chart still contains.';

/** As a dependency: the resources that the inputs come from. */
function resourcesOf(inputs: pulumi.Inputs): pulumi.Input<pulumi.Resource> {
  // Pulumi depends on whatever an Output comes from, besides on what is in it, and takes a list for a resource here.
  return pulumi.output(inputs).apply((): pulumi.Resource[] => []) as unknown as pulumi.Output<pulumi.Resource>;
}

/** The objects of Istio's API groups that go with the stack; the same for whatever order of the chart. */
function ownedBy({ policies, strict }: DeployedChart): readonly string[] {
  return [...policies, ...strict]
    .map(({ manifest: { kind, metadata } }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`)
    .sort();
}
