import * as pulumi from '@pulumi/pulumi';
import { clusterInputs, type ClusterArgs } from './cluster-args';
import { stackName } from './stack-name';

export interface UninstallGuardArgs extends ClusterArgs {
  /**
   * The objects of Istio's API groups that go with the stack, as `kind/namespace/name`; any other blocks an uninstall.
   *
   * @default - none
   */
  readonly owned?: pulumi.Input<readonly string[]>;
  /**
   * Uninstalls even while resources of Istio's API groups exist that the stack does not own; they are lost.
   *
   * @default false
   */
  readonly force?: pulumi.Input<boolean>;
}

interface GuardProps {
  readonly owned: readonly string[];
  readonly force: boolean;
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly providerId?: string;
}

// Serialized into the stack's state: the methods load what they need when they are called, and capture nothing.
const provider: pulumi.dynamic.ResourceProvider = {
  async diff(_id: string, olds: GuardProps, news: GuardProps) {
    const fields = ['owned', 'force', 'stack', 'kubeconfig', 'context', 'cluster', 'providerId'] as const;
    return { changes: fields.some((field) => JSON.stringify(olds[field]) !== JSON.stringify(news[field])) };
  },
  async create(inputs: GuardProps) {
    return { id: 'guard', outs: inputs };
  },
  async update(_id: string, _olds: GuardProps, news: GuardProps) {
    return { outs: news };
  },
  async delete(_id: string, { kubeconfig, context, cluster, owned, force, stack }: GuardProps) {
    const { refuseForeignResources, uninstalling } = await import('istio-module/engine');
    const target = { kubeconfig, context, cluster };
    if (!force) {
      await uninstalling({ stack, ...target }, () => refuseForeignResources(target, owned));
    }
  },
};

/**
 * Depends on everything else, and so is the first to be deleted in `pulumi destroy`: it refuses while resources of
 * Istio's API groups exist that the stack does not own, before anything has changed.
 */
export class UninstallGuard extends pulumi.dynamic.Resource {
  constructor(name: string, args: UninstallGuardArgs, opts?: pulumi.CustomResourceOptions) {
    const { owned = [], force = false } = args;
    super(provider, name, { owned, force, stack: stackName(), ...clusterInputs(args) }, opts);
  }
}
