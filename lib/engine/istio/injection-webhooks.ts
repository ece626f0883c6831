import type { LabelSelector, StringMap, Webhook, WebhookConfiguration } from '../cluster/objects';
import { matches } from '../cluster/label-selector';
import { NEVER_INJECTED } from '../../never-injected';
import { REVISION_LABEL } from './injection-labels';

/** A webhook that the API server calls for new pods. */
export interface PodWebhook {
  /** The name of its MutatingWebhookConfiguration. */
  readonly configuration: string;
  readonly namespaceSelector: LabelSelector | undefined;
  readonly objectSelector: LabelSelector | undefined;
}

/** An injection webhook. */
export interface InjectionWebhook extends PodWebhook {
  readonly revision: string;
  /** Whether it has match conditions, which are not evaluated here and may exclude pods that its selectors match. */
  readonly hasMatchConditions: boolean;
  /** Whether its failurePolicy is `Fail`, so that an admitted pod has no sidecar only if the injector decided so. */
  readonly failsClosed: boolean;
  /**
   * Whether the API server can verify the certificate of the injector. For a Service, this needs the CA bundle that
   * istiod sets. For a URL, the API server also trusts its system's roots.
   */
  readonly canBeVerified: boolean;
  /** The Service of its injector; undefined if it is called by URL. */
  readonly service: InjectorService | undefined;
  /** Its rules. Without rules, it is never called. */
  readonly rules?: WebhookRules;
}

/** The rules of a webhook. */
export type WebhookRules = NonNullable<Webhook['rules']>;

/** The Service and path of an injector. */
export interface InjectorService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  /** For example `/inject`. */
  readonly path: string;
}

/** The data of a pod that selects webhooks. */
export interface SelectedPod {
  readonly namespace: string;
  readonly namespaceLabels: StringMap;
  readonly labels: StringMap;
}

/** Matches the names of injection webhooks. */
export const INJECTION_WEBHOOK = /sidecar-injector\.istio\.io$/;
const HTTPS_PORT = 443;

/** The injection webhooks in the configurations. */
export function injectionWebhooks(configurations: readonly WebhookConfiguration[]): readonly InjectionWebhook[] {
  return configurations.flatMap(({ metadata, webhooks = [] }) =>
    webhooks
      .filter(({ name }) => INJECTION_WEBHOOK.test(name))
      .map((webhook) => ({
        revision: metadata.labels?.[REVISION_LABEL] ?? 'default',
        configuration: metadata.name,
        namespaceSelector: webhook.namespaceSelector,
        objectSelector: webhook.objectSelector,
        hasMatchConditions: (webhook.matchConditions ?? []).length > 0,
        failsClosed: webhook.failurePolicy !== 'Ignore',
        canBeVerified: Boolean(webhook.clientConfig.caBundle) || webhook.clientConfig.url !== undefined,
        service: serviceOf(webhook),
        rules: webhook.rules,
      })),
  );
}

function serviceOf({ clientConfig: { service } }: Webhook): InjectorService | undefined {
  return (
    service && {
      namespace: service.namespace,
      name: service.name,
      port: service.port ?? HTTPS_PORT,
      path: service.path ?? '/',
    }
  );
}

/** Whether the selectors of the webhook match the pod. */
export function selectsPod(
  { namespaceSelector, objectSelector }: Partial<Pick<PodWebhook, 'namespaceSelector' | 'objectSelector'>>,
  { namespace, namespaceLabels, labels }: SelectedPod,
): boolean {
  return (
    matches(namespaceSelector, { 'kubernetes.io/metadata.name': namespace, ...namespaceLabels }) &&
    matches(objectSelector, labels)
  );
}

/** Whether the webhook injects pods of the namespace that have the labels of its object selector. */
export function injectsIn({ namespaceSelector }: InjectionWebhook, name: string, labels: StringMap): boolean {
  return (
    !NEVER_INJECTED.includes(name) && matches(namespaceSelector, { 'kubernetes.io/metadata.name': name, ...labels })
  );
}

/** The other webhooks in the configurations that may change or refuse new pods. */
export function otherWebhooks(configurations: readonly WebhookConfiguration[]): readonly PodWebhook[] {
  return configurations.flatMap(({ metadata, webhooks = [] }) =>
    webhooks
      .filter((webhook) => !INJECTION_WEBHOOK.test(webhook.name) && isForNewPods(webhook.rules))
      .map(({ namespaceSelector, objectSelector }) => ({
        configuration: metadata.name,
        namespaceSelector,
        objectSelector,
      })),
  );
}

/** Whether the API server calls a webhook with these rules for new pods. */
export function isForNewPods(rules: WebhookRules = []): boolean {
  const has = (values: readonly string[] = [], ...wanted: readonly string[]) =>
    values.some((value) => [...wanted, '*'].includes(value));
  return rules.some(
    ({ operations, apiGroups, apiVersions = ['v1'], resources, scope = '*' }) =>
      has(operations, 'CREATE') &&
      has(apiGroups, '') &&
      has(apiVersions, 'v1') &&
      has(resources, 'pods', 'pods/*', '*/*') &&
      scope !== 'Cluster',
  );
}
