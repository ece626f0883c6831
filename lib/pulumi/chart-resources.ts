import * as kubernetes from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import type { WorkloadName } from '../engine/run/restart-report';
import { OWNERSHIP_ANNOTATION } from '../mesh/namespaces/namespace-ownership';
import { fingerprintOf, isWebhookConfiguration, type ChartObject } from './chart-objects';
import type { ComponentCluster } from './cluster-args';
import { ControlPlaneReadiness } from './control-plane-readiness';
import type { DeployedChart } from './deployed-chart';
import { IstioRelease } from './istio-release';
import { KubernetesObject } from './kubernetes-object';
import type { MeshProvider } from './mesh-provider';
import type { RestartArgs } from './restart-args';
import { SharedWebhookConfiguration } from './shared-webhook-configuration';
import { SidecarRemoval } from './sidecar-removal';

const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout', 'ReplicaSet', 'Pod'];

export interface ChartResourcesOptions {
  /** Name of the component: the prefix of the names of its resources. */
  readonly name: string;
  readonly component: pulumi.ComponentResource;
  readonly provider: MeshProvider;
  readonly restart?: RestartArgs;
  readonly allowDowngrade?: boolean;
  /** The resources that the chart was built from. */
  readonly sources: readonly pulumi.Input<pulumi.Resource>[];
}

/** Registers the resources for the objects of a chart, in dependency order. */
export class ChartResources {
  private readonly applied = new Map<string, pulumi.Resource>();
  private readonly cluster: ComponentCluster;

  constructor(private readonly options: ChartResourcesOptions) {
    this.cluster = options.provider.target;
  }

  /** Registers everything that precedes the restart. */
  beforeRestart({ version, plain, policies }: DeployedChart): pulumi.Resource[] {
    const { name, component, restart, allowDowngrade, sources } = this.options;
    const { cluster } = this;
    const release =
      version === undefined
        ? []
        : [
            new IstioRelease(
              `${name}-release`,
              { version, allowDowngrade, restart, ...cluster },
              { parent: component, dependsOn: [...sources] },
            ),
          ];
    this.apply(plain, [...sources, ...release]);
    const readiness = new ControlPlaneReadiness(
      `${name}-readiness`,
      { fingerprint: fingerprintOf(plain), injector: restart?.injector, injectors: injectorsOf(plain), ...cluster },
      { parent: component, dependsOn: [...sources, ...release, ...this.applied.values()] },
    );
    this.apply(policies, [readiness]);
    const removal =
      version === undefined
        ? []
        : [
            new SidecarRemoval(
              `${name}-removal`,
              { injectors: injectorsOf(plain), except: workloadsOf(plain), restart, ...cluster },
              { parent: component, dependsOn: [readiness, ...this.applied.values()] },
            ),
          ];
    return [readiness, ...removal, ...this.applied.values()];
  }

  /** Registers the objects that need sidecars; returns the restart and all objects. */
  afterRestart({ needingSidecars }: DeployedChart, restart: pulumi.Resource): pulumi.Resource[] {
    this.apply(needingSidecars, [restart]);
    return [restart, ...this.applied.values()];
  }

  private apply(objects: readonly ChartObject[], further: readonly pulumi.Input<pulumi.Resource>[]): void {
    const { name, component, provider } = this.options;
    for (const object of objects) {
      const dependencies = object.dependencies.flatMap((id) => this.applied.get(id) ?? []);
      const options = { parent: component, provider, dependsOn: [...further, ...dependencies] };
      this.applied.set(object.id, applyObject(`${name}/${object.title}`, object, this.cluster, options));
    }
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

/** Names of the webhook configurations with which the chart's control planes inject sidecars. */
function injectorsOf(objects: readonly ChartObject[]): readonly string[] {
  const names = objects.flatMap(({ manifest: { kind, metadata } }) =>
    kind === 'MutatingWebhookConfiguration' ? metadata.name : [],
  );
  return names.sort();
}

/** The chart's own workloads, such as gateways, in an order that does not depend on that of the chart's objects. */
function workloadsOf(objects: readonly ChartObject[]): readonly WorkloadName[] {
  const workloads = objects.filter(({ manifest: { kind } }) => WORKLOAD_KINDS.includes(kind));
  return workloads
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .map(({ manifest: { kind, metadata } }) => ({ kind, namespace: metadata.namespace ?? '', name: metadata.name }));
}
