import * as pulumi from '@pulumi/pulumi';
import type { WebhookManifest } from '../engine/istio/webhook-configuration';
import { clusterInputs, type ClusterArgs } from './cluster-args';

export interface SharedWebhookConfigurationArgs extends ClusterArgs {
  /** The object in the chart. */
  readonly manifest: WebhookManifest;
}

interface WebhookProps {
  readonly manifest: WebhookManifest;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly providerId?: string;
}

// Pulumi serializes the provider into the state of the stack. So methods import what they need, and capture no
// variables.
const provider: pulumi.dynamic.ResourceProvider = {
  async diff(_id: string, olds: WebhookProps, news: WebhookProps) {
    const fields = ['manifest', 'kubeconfig', 'context', 'cluster', 'providerId'] as const;
    return {
      changes: fields.some((field) => JSON.stringify(olds[field]) !== JSON.stringify(news[field])),
      replaces: [
        ...(olds.manifest.metadata.name === news.manifest.metadata.name ? [] : ['manifest']),
        ...(olds.providerId === news.providerId ? [] : ['providerId']),
      ],
    };
  },
  async create(inputs: WebhookProps) {
    const { applyWebhookConfiguration } = await import('istio-module/engine');
    await applyWebhookConfiguration(inputs, inputs.manifest, undefined);
    return { id: inputs.manifest.metadata.name, outs: inputs };
  },
  async update(_id: string, olds: WebhookProps, news: WebhookProps) {
    const { applyWebhookConfiguration } = await import('istio-module/engine');
    await applyWebhookConfiguration(news, news.manifest, olds.manifest);
    return { outs: news };
  },
  async read(id: string, props: WebhookProps) {
    const { findWebhookConfiguration } = await import('istio-module/engine');
    return (await findWebhookConfiguration(props, props.manifest)) ? { id, props } : { id: '', props: {} };
  },
  async delete(_id: string, props: WebhookProps) {
    const { deleteWebhookConfiguration } = await import('istio-module/engine');
    await deleteWebhookConfiguration(props, props.manifest);
  },
};

/**
 * A webhook configuration that istiod and cloud providers also write to. To ignore the fields that they write, the
 * Kubernetes provider would have to address the webhooks by their positions in the list. It could then neither add a
 * webhook nor change a selector, and it would not keep what others have added. This resource merges by the names of the
 * webhooks.
 */
export class SharedWebhookConfiguration extends pulumi.dynamic.Resource {
  constructor(name: string, args: SharedWebhookConfigurationArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { manifest: args.manifest, ...clusterInputs(args) }, opts);
  }
}
