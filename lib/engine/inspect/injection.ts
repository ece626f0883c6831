import type { StringMap, WebhookConfiguration } from '../cluster/objects';
import { matches } from '../cluster/label-selector';
import { INJECTION_LABEL, REVISION_LABEL } from '../istio/injection-labels';

/** A namespace with its labels. */
export interface LabelledNamespace {
  readonly name: string;
  readonly labels: StringMap;
}

const TAG_LABEL = 'istio.io/tag';

/**
 * The revision whose webhook the API server would call for a pod with these labels; empty if it would call none.
 *
 * @param podLabels empty for a pod without labels for injection
 */
export function injectingRevision(
  configurations: readonly WebhookConfiguration[],
  { name, labels }: LabelledNamespace,
  podLabels: StringMap = {},
): string {
  const namespaceLabels = { 'kubernetes.io/metadata.name': name, ...labels };
  const calling = configurations.find(({ webhooks = [] }) =>
    webhooks.some(
      ({ namespaceSelector, objectSelector }) =>
        matches(namespaceSelector, namespaceLabels) && matches(objectSelector, podLabels),
    ),
  );
  return calling ? revisionOf(calling) : '';
}

/** The tags of a revision. */
export function tagsOf(configurations: readonly WebhookConfiguration[], revision: string): readonly string[] {
  return configurations
    .filter((configuration) => revisionOf(configuration) === revision)
    .flatMap(({ metadata }) => metadata.labels?.[TAG_LABEL] ?? [])
    .sort();
}

/** The values of the label `istio.io/rev` that webhooks serve. */
export function servedRevisions(configurations: readonly WebhookConfiguration[]): readonly string[] {
  return [
    ...new Set(configurations.flatMap((one) => [revisionOf(one), one.metadata.labels?.[TAG_LABEL] ?? []].flat())),
  ].sort();
}

/**
 * The arguments of `kubectl label` that enable injection in a namespace: `istio-injection=enabled` if a webhook serves
 * this label; otherwise the label of a revision, without `istio-injection`.
 */
export function injectionLabels(configurations: readonly WebhookConfiguration[]): readonly string[] {
  const plain = { name: 'any', labels: { [INJECTION_LABEL]: 'enabled' } };
  const [first = 'default'] = servedRevisions(configurations);
  return injectingRevision(configurations, plain) === ''
    ? [`${INJECTION_LABEL}-`, `${REVISION_LABEL}=${first}`]
    : [`${INJECTION_LABEL}=enabled`];
}

function revisionOf({ metadata }: WebhookConfiguration): string {
  return metadata.labels?.[REVISION_LABEL] ?? 'default';
}
