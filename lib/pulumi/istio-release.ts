import * as pulumi from '@pulumi/pulumi';
import { clusterInputs, type ClusterArgs } from './cluster-args';
import type { RestartArgs } from './restart-args';
import { stackName } from './stack-name';

export interface IstioReleaseArgs extends ClusterArgs {
  /** Istio's version, such as `1.31.1`. */
  readonly version: string;
  /**
   * Whether the version may be one minor version earlier than the previous one.
   *
   * @default false
   */
  readonly allowDowngrade?: boolean;
  /**
   * How workloads are restarted when Istio is uninstalled.
   *
   * @default - the engine's defaults
   */
  readonly restart?: RestartArgs;
}

interface ReleaseProps {
  readonly version: string;
  readonly allowDowngrade?: boolean;
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
  async check(olds: Partial<ReleaseProps>, news: ReleaseProps) {
    const { checkUpgrade } = await import('istio-module/engine');
    // In another cluster, nothing is upgraded.
    const installed = olds.providerId === news.providerId ? olds.version : undefined;
    try {
      checkUpgrade(installed ?? news.version, news.version, { allowDowngrade: news.allowDowngrade });
      return { inputs: news };
    } catch (error) {
      return { inputs: news, failures: [{ property: 'version', reason: (error as Error).message }] };
    }
  },
  async diff(_id: string, olds: ReleaseProps, news: ReleaseProps) {
    const fields = [
      ...(['version', 'allowDowngrade', 'restart', 'stack'] as const),
      ...(['kubeconfig', 'context', 'cluster', 'providerId'] as const),
    ];
    return {
      changes: fields.some((field) => JSON.stringify(olds[field]) !== JSON.stringify(news[field])),
      replaces: olds.providerId === news.providerId ? [] : ['providerId'],
    };
  },
  async create(inputs: ReleaseProps) {
    return { id: 'istio', outs: inputs };
  },
  async update(_id: string, _olds: ReleaseProps, news: ReleaseProps) {
    return { outs: news };
  },
  async delete(_id: string, { kubeconfig, context, cluster, restart, stack }: ReleaseProps) {
    const { cleanText, eventLines, removeSidecars, removalLines, uninstalling } = await import('istio-module/engine');
    const tell = (line: string) => process.stderr.write(`${cleanText(line)}\n`);
    const target = { kubeconfig, context, cluster };
    await uninstalling({ stack, ...target }, async (place) => {
      const report = await removeSidecars({
        ...restart,
        // Sidecars without istiod interrupt more traffic than their removal does.
        onlySeamless: false,
        ...target,
        onEvent: eventLines(tell),
      });
      // If nothing was left to restart, SidecarRemoval has already reported everything.
      if (report.restarted.length > 0) {
        removalLines(report, place).forEach(tell);
      }
    });
  },
};

/**
 * Precedes the control plane. A preview or an update fails if it would upgrade by more than one minor version, or make
 * a downgrade that is not allowed. `pulumi destroy` deletes it last. It then restarts workloads that still have a
 * sidecar, for example after a partly failed installation.
 */
export class IstioRelease extends pulumi.dynamic.Resource {
  declare readonly version: pulumi.Output<string>;

  constructor(name: string, args: IstioReleaseArgs, opts?: pulumi.CustomResourceOptions) {
    const { version, allowDowngrade, restart = {} } = args;
    super(provider, name, { version, allowDowngrade, restart, stack: stackName(), ...clusterInputs(args) }, opts);
  }
}
