import * as pulumi from '@pulumi/pulumi';
import { clusterInputs, type ClusterArgs } from './cluster-args';
import { stackName } from './stack-name';

export interface UninstallGuardArgs extends ClusterArgs {
  /**
   * The objects of Istio's API groups that the stack deletes, as `kind/namespace/name`. Others block an uninstall.
   *
   * @default - none
   */
  readonly owned?: pulumi.Input<readonly string[]>;
  /**
   * Whether to uninstall even if resources of Istio's API groups exist that the stack does not own. They are deleted
   * together with their CustomResourceDefinitions, if the stack contains these.
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

// Pulumi serializes the provider into the state of the stack. So methods import what they need, and capture no
// variables.
const provider: pulumi.dynamic.ResourceProvider = {
  async diff(_id: string, olds: GuardProps, news: GuardProps) {
    const fields = ['owned', 'force', 'stack', 'kubeconfig', 'context', 'cluster', 'providerId'] as const;
    return {
      changes: fields.some((field) => JSON.stringify(olds[field]) !== JSON.stringify(news[field])),
      replaces: olds.providerId === news.providerId ? [] : ['providerId'],
    };
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
 * Depends on everything else, so `pulumi destroy` deletes it first. It fails, before anything has changed, if resources
 * of Istio's API groups exist that the stack does not own.
 */
export class UninstallGuard extends pulumi.dynamic.Resource {
  constructor(name: string, args: UninstallGuardArgs, opts?: pulumi.CustomResourceOptions) {
    const { owned = [], force = false } = args;
    super(provider, name, { owned, force, stack: stackName(), ...clusterInputs(args) }, opts);
  }
}
