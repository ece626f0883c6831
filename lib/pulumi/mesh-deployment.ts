import * as pulumi from '@pulumi/pulumi';
import type { Chart } from 'cdk8s';
import { buildChart, inputOf, whenBuilt, type ChartFunction } from './build-chart';
import { fingerprintOf, mayChangeSidecars } from './chart-objects';
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
   * Values from other resources for the function `chart`: an object of values, Outputs and Promises. The function
   * receives them when their values are known, and everything in the chart depends on the resources that provide them.
   * A preview shows no objects of the chart if only the update knows the values.
   *
   * @default - none
   * @see https://www.pulumi.com/docs/iac/concepts/inputs-outputs/
   */
  readonly inputs?: T;
  /**
   * Whether to uninstall even if Istio resources exist that the stack does not own. They are deleted together with
   * their CustomResourceDefinitions, if the chart contains these.
   *
   * @default - false; true for a chart that does not contain the CustomResourceDefinitions
   */
  readonly force?: boolean;
  /**
   * Whether the chart's version may be one minor version earlier than the applied one, to undo an upgrade. Istio
   * supports no proxy ahead of its control plane, but such proxies run until the restarts are complete. To keep the
   * CustomResourceDefinitions of the later version with their fields, set `base.version` of the `IstioModule` to the
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
 * Applies a chart in dependency order, then restarts the workloads whose sidecar is out of date.
 *
 * A chart that only configures an `ExistingIstio` has neither an {@link IstioRelease} nor a {@link SidecarRemoval}. If
 * an `IstioModule` runs beside an `ExistingIstio`, the CustomResourceDefinitions outlive the stack, and so do Istio
 * resources that the stack does not own.
 *
 * The order is: {@link IstioRelease}; the objects that need no webhook, as the chart orders them; {@link
 * ControlPlaneReadiness}; the objects of Istio's API groups; {@link SidecarRemoval}; {@link SidecarRestart}; STRICT
 * mutual TLS, and AuthorizationPolicies that decide by the identities of clients; {@link UninstallGuard}.
 *
 * `pulumi destroy` uses the reverse order: it first checks whether the uninstall is safe, then accepts clients without
 * a sidecar, removes the sidecars while istiod and the other policies still exist, and deletes the rest.
 */
export class MeshDeployment<T extends pulumi.Inputs = Record<string, never>> extends pulumi.ComponentResource {
  /** The restart, with its results as outputs. */
  readonly restart: SidecarRestart;

  /**
   * @throws Error if the chart contains neither an IstioModule nor an ExistingIstio, or contains an Output. For an
   * async function, or a function with `inputs`, the program fails later
   */
  constructor(name: string, args: MeshDeploymentArgs<T>, opts?: pulumi.ComponentResourceOptions) {
    const started = new Date();
    const { inputs, restart, allowDowngrade, force } = args;
    // Fails for an invalid chart before any resource is registered.
    const chart = buildChart(args.chart, inputs);
    super('istio-module:index:MeshDeployment', name, {}, opts);
    const provider = new MeshProvider(`${name}-kubernetes`, args, this);
    const { target: cluster } = provider;
    const sources = inputs === undefined ? [] : [resourcesOf(inputs)];
    const resources = new ChartResources({ name, component: this, provider, restart, allowDowngrade, sources });
    this.restart = new SidecarRestart(
      `${name}-restart`,
      {
        fingerprint: inputOf(chart, ({ objects }) => fingerprintOf(objects.filter(mayChangeSidecars))),
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

/** A dependency on the resources that provide the inputs. */
function resourcesOf(inputs: pulumi.Inputs): pulumi.Input<pulumi.Resource> {
  // A dependency on an Output is a dependency on the resources that it comes from, and on those in its value. With an
  // empty list as the value, only the former remain.
  return pulumi.output(inputs).apply((): pulumi.Resource[] => []) as unknown as pulumi.Output<pulumi.Resource>;
}

/** The objects of Istio's API groups that the stack deletes, in an order that does not depend on the chart. */
function ownedBy({ policies, needingSidecars }: DeployedChart): readonly string[] {
  return [...policies, ...needingSidecars]
    .map(({ manifest: { kind, metadata } }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`)
    .sort();
}
