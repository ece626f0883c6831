import { apiPath, type ApiLocation } from '../cluster/api-path';
import type { ApiOptions, KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import type { LabelSelector, StringMap, Webhook, WebhookConfiguration } from '../cluster/objects';
import { FIELD_MANAGER } from '../cluster/field-manager';
import { same } from '../cluster/same';
import { unlessNotFound } from '../cluster/unless-not-found';
import { withCluster } from '../cluster/with-cluster';

/** A MutatingWebhookConfiguration or ValidatingWebhookConfiguration from a chart, without fields that istiod sets. */
export interface WebhookManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: StringMap; readonly annotations?: StringMap };
  readonly webhooks?: readonly Webhook[];
}

const ATTEMPTS = 5;
const ACCESS = 'which the user that applies Istio needs';

/**
 * Creates or updates a webhook configuration that others also write to. Keeps fields that istiod sets, and what a cloud
 * provider has added to labels, annotations and namespace selectors.
 *
 * @param previous the manifest that was applied before; everything else in the live object belongs to others
 * @throws RestartError
 */
export async function applyWebhookConfiguration(
  options: ApiOptions,
  manifest: WebhookManifest,
  previous: WebhookManifest = manifest,
): Promise<void> {
  const apply = async (api: KubernetesApi) => {
    for (let attempt = 1; ; attempt++) {
      try {
        await applyOnce(api, manifest, previous);
        return;
      } catch (error) {
        // Another writer, usually istiod, was faster.
        if (!(error instanceof ApiFailure && error.status === 409 && attempt < ATTEMPTS)) {
          throw error;
        }
      }
    }
  };
  await withCluster(options, apply, ACCESS);
}

/** Whether the object exists. */
export async function findWebhookConfiguration(options: ApiOptions, manifest: WebhookManifest): Promise<boolean> {
  return withCluster(options, async (api) => (await api.find(pathOf(manifest))) !== undefined, ACCESS);
}

/** Deletes the object, if it exists. */
export async function deleteWebhookConfiguration(options: ApiOptions, manifest: WebhookManifest): Promise<void> {
  const remove = (api: KubernetesApi) => unlessNotFound(api.request(pathOf(manifest), { method: 'DELETE' }));
  await withCluster(options, remove, ACCESS);
}

async function applyOnce(api: KubernetesApi, manifest: WebhookManifest, previous: WebhookManifest): Promise<void> {
  const query = { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' };
  const live = await api.find<WebhookConfiguration>(pathOf(manifest));
  await (live
    ? api.request(pathOf(manifest), { method: 'PUT', query, body: mergeIntoLive(manifest, previous, live) })
    : api.request(apiPath(locationOf(manifest)), { method: 'POST', query, body: manifest }));
}

/** The manifest with everything that others have added to the live object. Webhooks are matched by name. */
export function mergeIntoLive(
  manifest: WebhookManifest,
  previous: WebhookManifest,
  live: WebhookConfiguration,
): WebhookManifest {
  const { metadata } = manifest;
  const webhookOf = (configuration: Pick<WebhookManifest, 'webhooks'>, name: string) =>
    configuration.webhooks?.find((webhook) => webhook.name === name);
  return {
    ...manifest,
    metadata: {
      ...live.metadata,
      labels: mergeMaps(metadata.labels, previous.metadata.labels, live.metadata.labels),
      annotations: mergeMaps(metadata.annotations, previous.metadata.annotations, live.metadata.annotations),
    },
    webhooks: (manifest.webhooks ?? []).map((webhook) => {
      const present = webhookOf(live, webhook.name);
      return present
        ? {
            ...present,
            ...webhook,
            clientConfig: { caBundle: present.clientConfig.caBundle, ...webhook.clientConfig },
            namespaceSelector: mergeSelectors(
              webhook.namespaceSelector,
              webhookOf(previous, webhook.name)?.namespaceSelector,
              present.namespaceSelector,
            ),
          }
        : webhook;
    }),
  };
}

function mergeSelectors(
  wanted: LabelSelector = {},
  previous: LabelSelector = {},
  live: LabelSelector = {},
): LabelSelector {
  const ours = [...(previous.matchExpressions ?? []), ...(wanted.matchExpressions ?? [])];
  const theirs = (live.matchExpressions ?? []).filter((one) => !ours.some((other) => same(one, other)));
  return {
    matchExpressions: [...(wanted.matchExpressions ?? []), ...theirs],
    matchLabels: mergeMaps(wanted.matchLabels, previous.matchLabels, live.matchLabels),
  };
}

/** The wanted entries, and live entries that were not in the previous manifest. */
function mergeMaps(wanted: StringMap = {}, previous: StringMap = {}, live: StringMap = {}): StringMap {
  const theirs = Object.entries(live).filter(([key]) => !(key in previous));
  return { ...Object.fromEntries(theirs), ...wanted };
}

function pathOf(manifest: WebhookManifest): string {
  return apiPath({ ...locationOf(manifest), name: manifest.metadata.name });
}

function locationOf({ kind }: WebhookManifest): ApiLocation {
  return { apiVersion: 'admissionregistration.k8s.io/v1', resource: `${kind.toLowerCase()}s` };
}
