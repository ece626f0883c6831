import * as pulumi from '@pulumi/pulumi';
import type { WorkloadName } from '../engine/run/restart-report';
import { clusterInputs, type ClusterArgs } from './cluster-args';
import type { RestartArgs } from './restart-args';
import { stackName } from './stack-name';

export interface SidecarRemovalArgs extends ClusterArgs {
  /** Names of the MutatingWebhookConfigurations that inject sidecars. */
  readonly injectors: readonly string[];
  /**
   * Workloads that the stack deletes itself, and that need no restart before.
   *
   * @default - none
   */
  readonly except?: readonly WorkloadName[];
  /**
   * How workloads are restarted.
   *
   * @default - the engine's defaults
   */
  readonly restart?: RestartArgs;
}

interface RemovalProps {
  readonly injectors: readonly string[];
  readonly except: readonly WorkloadName[];
  readonly restart: RestartArgs;
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly providerId?: string;
}

// Serialized into the stack's state: the methods load what they need when they are called, and capture nothing.
const provider: pulumi.dynamic.ResourceProvider = {
  async diff(_id: string, olds: RemovalProps, news: RemovalProps) {
    const fields = [
      ...(['injectors', 'except', 'restart', 'stack'] as const),
      ...(['kubeconfig', 'context', 'cluster', 'providerId'] as const),
    ];
    return {
      changes: fields.some((field) => JSON.stringify(olds[field]) !== JSON.stringify(news[field])),
      replaces: olds.providerId === news.providerId ? [] : ['providerId'],
    };
  },
  async create(inputs: RemovalProps) {
    return { id: 'removal', outs: inputs };
  },
  async update(_id: string, _olds: RemovalProps, news: RemovalProps) {
    return { outs: news };
  },
  async delete(_id: string, { kubeconfig, context, cluster, injectors, except, restart, stack }: RemovalProps) {
    const { cleanText, eventLines, removeInjection, removeSidecars, removalLines, uninstalling } =
      await import('istio-module/engine');
    const tell = (line: string) => process.stderr.write(`${cleanText(line)}\n`);
    const target = { kubeconfig, context, cluster };
    await uninstalling({ stack, ...target }, async (place) => {
      await removeInjection(target, injectors);
      const report = await removeSidecars({
        ...restart,
        // Sidecars that outlive istiod interrupt more.
        onlySeamless: false,
        except,
        ...target,
        onEvent: eventLines(tell),
      });
      removalLines(report, place).forEach(tell);
    });
  },
};

/**
 * Comes after what protects and routes, and so is deleted before it: in `pulumi destroy` it ends injection, and restarts
 * the workloads that still carry a sidecar while istiod still serves the proxies. A proxy that outlives istiod never
 * learns of new pods.
 */
export class SidecarRemoval extends pulumi.dynamic.Resource {
  constructor(name: string, args: SidecarRemovalArgs, opts?: pulumi.CustomResourceOptions) {
    const { injectors, except = [], restart = {} } = args;
    super(provider, name, { injectors, except, restart, stack: stackName(), ...clusterInputs(args) }, opts);
  }
}
