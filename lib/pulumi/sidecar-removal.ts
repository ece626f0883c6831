import * as pulumi from '@pulumi/pulumi';
import type { WorkloadName } from '../engine/run/restart-report';
import { clusterInputs, type ClusterArgs } from './cluster-args';
import type { RestartArgs } from './restart-args';
import { stackName } from './stack-name';

export interface SidecarRemovalArgs extends ClusterArgs {
  /** Names of the MutatingWebhookConfigurations that inject sidecars. */
  readonly injectors: readonly string[];
  /**
   * Workloads that the stack deletes itself, and that need no restart.
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

// Pulumi serializes the provider into the state of the stack. So methods import what they need, and capture no
// variables.
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
        // Sidecars without istiod interrupt more traffic than their removal does.
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
 * Depends on security and traffic policies, and so is deleted before them: `pulumi destroy` then ends injection and
 * restarts the workloads that still have a sidecar, while istiod still serves the proxies. A proxy without istiod never
 * learns about new pods.
 */
export class SidecarRemoval extends pulumi.dynamic.Resource {
  constructor(name: string, args: SidecarRemovalArgs, opts?: pulumi.CustomResourceOptions) {
    const { injectors, except = [], restart = {} } = args;
    super(provider, name, { injectors, except, restart, stack: stackName(), ...clusterInputs(args) }, opts);
  }
}
