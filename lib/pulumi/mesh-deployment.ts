import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { Chart } from 'cdk8s';
import { App } from 'cdk8s';
import { IstioInstallation } from '../mesh/installation/istio-installation';
import { IstioModule } from '../mesh/installation/istio-module';
import { OWNERSHIP_ANNOTATION } from '../mesh/namespaces/namespace-ownership';
import type { WorkloadName } from '../engine/run/restart-report';
import {
  chartObjects,
  fingerprintOf,
  isIstioResource,
  isWebhookConfiguration,
  makesMutualTlsStrict,
  type ChartObject,
} from './chart-objects';
import type { ClusterArgs, ComponentCluster } from './cluster-args';
import { ControlPlaneReadiness } from './control-plane-readiness';
import { IstioRelease } from './istio-release';
import { KubernetesObject } from './kubernetes-object';
import { logPrediction } from './log-prediction';
import { logRestart } from './log-restart';
import { MeshProvider } from './mesh-provider';
import type { RestartArgs } from './restart-args';
import { SharedWebhookConfiguration } from './shared-webhook-configuration';
import { SidecarRemoval } from './sidecar-removal';
import { SidecarRestart } from './sidecar-restart';
import { UninstallGuard } from './uninstall-guard';

const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout', 'ReplicaSet', 'Pod'];

export interface MeshDeploymentArgs extends ClusterArgs {
  /** A cdk8s chart that contains an IstioModule or an ExistingIstio, or a function that builds one. */
  readonly chart: Chart | ((app: App) => Chart);
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
export class MeshDeployment extends pulumi.ComponentResource {
  /** What was restarted, warned about and skipped. */
  readonly restart: SidecarRestart;

  /** @throws Error when the chart has neither an IstioModule nor an ExistingIstio */
  constructor(name: string, args: MeshDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    // An invalid chart is refused before anything is registered.
    const started = new Date();
    const chart = typeof args.chart === 'function' ? args.chart(new App()) : args.chart;
    const installations = chart.node.findAll().filter((construct) => construct instanceof IstioInstallation);
    const version = versionOf(chart, installations);
    const bringsBase = installations.some(({ foundation }) => foundation instanceof IstioModule);
    const rootNamespaces = installations.map(({ rootNamespace }) => rootNamespace);
    const objects = chartObjects(chart);
    super('istio-module:index:MeshDeployment', name, {}, opts);
    const { restart, allowDowngrade, force = !bringsBase } = args;
    const provider = new MeshProvider(`${name}-kubernetes`, args, this);
    const { target: cluster } = provider;
    const release =
      version === undefined
        ? []
        : [new IstioRelease(`${name}-release`, { version, allowDowngrade, restart, ...cluster }, { parent: this })];

    const applied = new Map<string, pulumi.Resource>();
    const apply = (object: ChartObject, further: readonly pulumi.Resource[]) => {
      const dependencies = object.dependencies.flatMap((id) => applied.get(id) ?? []);
      const options = { parent: this, provider, dependsOn: [...further, ...dependencies] };
      applied.set(object.id, applyObject(`${name}/${object.title}`, object, cluster, options));
    };
    const [needsWebhooks, plain] = partition(objects, ({ manifest }) => isIstioResource(manifest));
    const [strict, others] = partition(needsWebhooks, ({ manifest }) => makesMutualTlsStrict(manifest));
    for (const object of plain) {
      apply(object, release);
    }
    const readiness = new ControlPlaneReadiness(
      `${name}-readiness`,
      { fingerprint: fingerprintOf(plain), injector: restart?.injector, ...cluster },
      { parent: this, dependsOn: [...release, ...applied.values()] },
    );
    for (const object of others) {
      apply(object, [readiness]);
    }
    const removal =
      version === undefined
        ? []
        : [
            new SidecarRemoval(
              `${name}-removal`,
              { injectors: injectorsOf(plain), except: workloadsOf(plain), restart, ...cluster },
              { parent: this, dependsOn: [readiness, ...applied.values()] },
            ),
          ];
    this.restart = new SidecarRestart(
      `${name}-restart`,
      {
        fingerprint: fingerprintOf(objects),
        strictFollows: strict.some(({ manifest }) => rootNamespaces.includes(manifest.metadata.namespace ?? '')),
        restart,
        ...cluster,
      },
      { parent: this, dependsOn: [readiness, ...removal, ...applied.values()] },
    );
    for (const object of strict) {
      apply(object, [this.restart]);
    }
    new UninstallGuard(
      `${name}-guard`,
      {
        owned: needsWebhooks.map(
          ({ manifest: { kind, metadata } }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`,
        ),
        force,
        ...cluster,
      },
      { parent: this, dependsOn: [this.restart, ...applied.values()] },
    );
    logRestart(this.restart, started);
    logPrediction(
      this,
      objects.map(({ manifest }) => manifest),
      cluster,
      restart,
    );
    this.registerOutputs({ restart: this.restart });
  }
}

function applyObject(
  name: string,
  { manifest }: ChartObject,
  cluster: ComponentCluster,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { metadata, kind } = manifest;
  if (kind === 'Namespace' && metadata.annotations?.[OWNERSHIP_ANNOTATION] === 'adopted') {
    return new kubernetes.core.v1.NamespacePatch(name, { metadata }, options);
  }
  if (isWebhookConfiguration(manifest)) {
    const { parent, dependsOn } = options;
    return new SharedWebhookConfiguration(name, { manifest, ...cluster }, { parent, dependsOn });
  }
  return new KubernetesObject(name, manifest, options);
}

/** The webhook configurations by which the chart's control planes inject sidecars. */
function injectorsOf(objects: readonly ChartObject[]): readonly string[] {
  return objects.flatMap(({ manifest: { kind, metadata } }) =>
    kind === 'MutatingWebhookConfiguration' ? metadata.name : [],
  );
}

/** The chart's own workloads, such as gateways. */
function workloadsOf(objects: readonly ChartObject[]): readonly WorkloadName[] {
  return objects.flatMap(
    ({
      manifest: {
        kind,
        metadata: { namespace = '', name },
      },
    }) => (WORKLOAD_KINDS.includes(kind) ? { kind, namespace, name } : []),
  );
}

/** Version of the control plane that the chart installs: of several, the one that lags behind; none where it only configures. */
function versionOf(chart: Chart, installations: readonly IstioInstallation[]): string | undefined {
  if (installations.length === 0) {
    throw new Error(
      `Chart "${chart.node.path}" has neither an IstioModule nor an ExistingIstio; a MeshDeployment takes a chart with one of them.`,
    );
  }
  const [lowest] = installations
    .flatMap((installation) => (installation instanceof IstioModule ? [installation.version] : []))
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  return lowest;
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
