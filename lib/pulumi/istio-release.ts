import * as pulumi from '@pulumi/pulumi';
import { clusterInputs, type ClusterArgs } from './cluster-args';
import type { RestartArgs } from './restart-args';
import { stackName } from './stack-name';

export interface IstioReleaseArgs extends ClusterArgs {
  /** Istio's version, such as `1.31.1`. */
  readonly version: string;
  /**
   * Whether the step from the version before may be one back to the minor version before.
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

// Serialized into the stack's state: the methods load what they need when they are called, and capture nothing.
const provider: pulumi.dynamic.ResourceProvider = {
  async check(olds: Partial<ReleaseProps>, news: ReleaseProps) {
    const { checkUpgrade } = await import('istio-module/engine');
    try {
      checkUpgrade(olds.version ?? news.version, news.version, { allowDowngrade: news.allowDowngrade });
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
      const report = await removeSidecars({ ...restart, ...target, onEvent: eventLines(tell) });
      // Where nothing was left to restart, SidecarRemoval has said the rest.
      if (report.restarted.length > 0) {
        removalLines(report, place).forEach(tell);
      }
    });
  },
};

/**
 * Comes before the control plane. On preview it refuses a step of more than one minor version, and one back that
 * is not allowed;
 * deleted, which is last in `pulumi destroy`, it restarts what carries a sidecar even then, such as after an
 * installation that failed half-way.
 */
export class IstioRelease extends pulumi.dynamic.Resource {
  declare readonly version: pulumi.Output<string>;

  constructor(name: string, args: IstioReleaseArgs, opts?: pulumi.CustomResourceOptions) {
    const { version, allowDowngrade, restart = {} } = args;
    super(provider, name, { version, allowDowngrade, restart, stack: stackName(), ...clusterInputs(args) }, opts);
  }
}
