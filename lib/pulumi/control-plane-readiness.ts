import * as pulumi from '@pulumi/pulumi';
import type { InjectorWait } from '../engine/run/await-injector';
import { clusterInputs, type ClusterArgs } from './cluster-args';

export interface ControlPlaneReadinessArgs extends ClusterArgs {
  /** Changes with the control plane's objects, so that the resource waits again. */
  readonly fingerprint: pulumi.Input<string>;
  /**
   * How to verify that the injector uses its current configuration.
   *
   * @default - 300 s at most, 3 probes in a row, 5 s after the last change
   */
  readonly injector?: InjectorWait;
  /**
   * Names of the MutatingWebhookConfigurations whose control planes to wait for. If none of these configurations
   * exists with an injection webhook, the wait is for all control planes.
   *
   * @default - all control planes of the cluster
   */
  readonly injectors?: readonly string[];
}

interface ReadinessProps {
  readonly fingerprint: string;
  readonly injector: InjectorWait;
  readonly injectors?: readonly string[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly providerId?: string;
}

const provider: pulumi.dynamic.ResourceProvider = {
  async diff(_id: string, olds: ReadinessProps, news: ReadinessProps) {
    // `injectors` is not compared, because states from earlier versions of this package do not have it. A change of it
    // also changes the fingerprint.
    const fields = ['fingerprint', 'injector', 'kubeconfig', 'context', 'cluster', 'providerId'] as const;
    return {
      changes: fields.some((field) => JSON.stringify(olds[field]) !== JSON.stringify(news[field])),
      replaces: olds.providerId === news.providerId ? [] : ['providerId'],
    };
  },
  async create(inputs: ReadinessProps) {
    const { awaitControlPlane, eventLines } = await import('istio-module/engine');
    const onEvent = eventLines((line) => process.stderr.write(`waiting: ${line}\n`));
    await awaitControlPlane({ ...inputs, onEvent });
    return { id: 'ready', outs: inputs };
  },
  async update(_id: string, _olds: ReadinessProps, news: ReadinessProps) {
    const { awaitControlPlane, eventLines } = await import('istio-module/engine');
    const onEvent = eventLines((line) => process.stderr.write(`waiting: ${line}\n`));
    await awaitControlPlane({ ...news, onEvent });
    return { outs: news };
  },
};

/**
 * Separates the control plane from everything that needs its webhooks. Completes when istiod is rolled out, its
 * webhooks answer, and what they inject matches the configuration in the cluster.
 */
export class ControlPlaneReadiness extends pulumi.dynamic.Resource {
  constructor(name: string, args: ControlPlaneReadinessArgs, opts?: pulumi.CustomResourceOptions) {
    const { fingerprint, injector = {}, injectors } = args;
    super(provider, name, { fingerprint, injector, injectors, ...clusterInputs(args) }, opts);
  }
}
