import type { LabelSelector, StringMap, Webhook, WebhookConfiguration } from '../cluster/objects';
import { matches } from '../cluster/label-selector';
import { REVISION_LABEL } from './injection-labels';

/** One webhook, as the API server calls it for new pods. */
export interface PodWebhook {
  /** The name of its MutatingWebhookConfiguration. */
  readonly configuration: string;
  readonly namespaceSelector: LabelSelector | undefined;
  readonly objectSelector: LabelSelector | undefined;
}

/** One webhook that injects. */
export interface InjectionWebhook extends PodWebhook {
  readonly revision: string;
  /** Whether it is called for some of the pods that its selectors match only, by expressions that are not evaluated here. */
  readonly hasMatchConditions: boolean;
  /** Whether a pod is refused when the webhook cannot be called, so that a pod without a sidecar is the injector's own answer. */
  readonly failsClosed: boolean;
  /** False until istiod has filled in its certificate authority: the API server cannot call it before. */
  readonly hasCaBundle: boolean;
  /** Where its injector is; undefined for one that is reached by URL. */
  readonly service: InjectorService | undefined;
  /** What it is called for; nothing where there are none. */
  readonly rules?: WebhookRules;
}

/** What a webhook is called for. */
export type WebhookRules = NonNullable<Webhook['rules']>;

/** The Service of an injector, and the path that answers there. */
export interface InjectorService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  /** Such as `/inject`. */
  readonly path: string;
}

/** A pod as webhooks select it. */
export interface SelectedPod {
  readonly namespace: string;
  readonly namespaceLabels: StringMap;
  readonly labels: StringMap;
}

/** The names of the webhooks that inject. */
export const INJECTION_WEBHOOK = /sidecar-injector\.istio\.io$/;
/** Istiod injects nothing in these, whatever its webhook selects. */
export const NEVER_INJECTED = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];
const HTTPS_PORT = 443;

/** The webhooks that inject among those of the configurations. */
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
        hasCaBundle: Boolean(webhook.clientConfig.caBundle),
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

/** Whether the API server calls the webhook for pods like this one, as far as its selectors say. */
export function selectsPod(
  { namespaceSelector, objectSelector }: Partial<Pick<PodWebhook, 'namespaceSelector' | 'objectSelector'>>,
  { namespace, namespaceLabels, labels }: SelectedPod,
): boolean {
  return (
    matches(namespaceSelector, { 'kubernetes.io/metadata.name': namespace, ...namespaceLabels }) &&
    matches(objectSelector, labels)
  );
}

/** Whether the webhook injects pods of the namespace that have the labels it selects by. */
export function injectsIn({ namespaceSelector }: InjectionWebhook, name: string, labels: StringMap): boolean {
  return (
    !NEVER_INJECTED.includes(name) && matches(namespaceSelector, { 'kubernetes.io/metadata.name': name, ...labels })
  );
}

/** The webhooks among those of the configurations that may change or refuse new pods, and are not Istio's. */
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

/** Whether the API server calls a webhook with these rules when a pod is created. */
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
