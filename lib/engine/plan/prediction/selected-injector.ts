import { parse } from '../../../bundled-libraries/yaml';
import { INJECTION_WEBHOOK, selectsPod } from '../../istio/injection-webhooks';
import { NEVER_INJECTED } from '../../../never-injected';
import type { LabelSelector, StringMap, Webhook } from '../../cluster/objects';
import { matches } from '../../cluster/label-selector';
import type { InjectionState, Revision } from './injection-state';
import { REVISION_LABEL } from '../../istio/injection-labels';

/** The injector of a pod. */
export interface SelectedInjector {
  readonly revision: Revision;
  readonly policy: InjectionPolicy;
  /** Settings in the webhook's URL for the proxies' environment. */
  readonly cluster: string | undefined;
  readonly network: string | undefined;
}

/** The fields of a pod before injection that determine its injector. */
export interface PodToInject {
  readonly metadata: { readonly namespace: string; readonly labels: StringMap; readonly annotations: StringMap };
  readonly spec: { readonly hostNetwork?: boolean };
}

/** The part of an injector's configuration that determines which pods it injects, and with which templates. */
export interface InjectionPolicy {
  readonly policy?: string;
  readonly neverInjectSelector?: readonly LabelSelector[] | null;
  readonly alwaysInjectSelector?: readonly LabelSelector[] | null;
  readonly defaultTemplates?: readonly string[] | null;
  readonly aliases?: Readonly<Record<string, readonly string[]>> | null;
}

const INJECT = 'sidecar.istio.io/inject';
const UNKNOWN: Omit<Revision, 'name'> = {
  ...{ namespace: '', config: '', values: '', mesh: '', env: {}, version: undefined },
};

/**
 * The injector whose webhook selects a pod and whose policy does not exclude it; undefined if there is none.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
export function injectorSelection(state: InjectionState): (pod: PodToInject) => SelectedInjector | undefined {
  const policies = new Map([...state.revisions.values()].map((one) => [one.name, policyOf(one)]));
  return ({ metadata, spec }) => {
    const { namespace, labels } = metadata;
    const namespaceLabels = state.namespaces.get(namespace)?.labels ?? {};
    if (spec.hostNetwork || NEVER_INJECTED.includes(namespace)) {
      return undefined;
    }
    for (const { metadata: configuration, webhooks = [] } of state.webhooks.values()) {
      const name = configuration.labels?.[REVISION_LABEL] ?? 'default';
      // The configuration of an istiod outside the cluster is unknown.
      const revision = state.revisions.get(name) ?? { ...UNKNOWN, name };
      const policy = policies.get(name) ?? {};
      const webhook = webhooks.find(
        (one) => INJECTION_WEBHOOK.test(one.name) && selectsPod(one, { namespace, namespaceLabels, labels }),
      );
      if (webhook && isInjected(policy, metadata)) {
        return { revision, policy, ...parametersOf(webhook) };
      }
    }
    return undefined;
  };
}

function policyOf({ config }: Revision): InjectionPolicy {
  const { policy, neverInjectSelector, alwaysInjectSelector, defaultTemplates, aliases } = (parse(config) ??
    {}) as InjectionPolicy;
  return { policy, neverInjectSelector, alwaysInjectSelector, defaultTemplates, aliases };
}

function isInjected(
  { policy = 'enabled', neverInjectSelector, alwaysInjectSelector }: InjectionPolicy,
  { labels, annotations }: PodToInject['metadata'],
): boolean {
  const said = labels[INJECT] ?? annotations[INJECT];
  if (said === 'true' || said === 'false') {
    return said === 'true';
  }
  const selects = (selector: LabelSelector) =>
    Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length > 0 &&
    matches(selector, labels);
  if (neverInjectSelector?.some(selects)) {
    return false;
  }
  return (alwaysInjectSelector?.some(selects) ?? false) || policy === 'enabled';
}

/** The settings in an injection path such as `/inject/cluster/east/net/one`. */
function parametersOf({ clientConfig: { url, service } }: Webhook): Pick<SelectedInjector, 'cluster' | 'network'> {
  const parts = (service?.path ?? url ?? '').split('/');
  const valueOf = (name: string) => {
    const index = parts.indexOf(name);
    return index < 0 ? undefined : parts[index + 1];
  };
  return { cluster: valueOf('cluster'), network: valueOf('net') };
}
