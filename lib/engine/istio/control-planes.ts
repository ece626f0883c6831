import type { KubernetesApi } from '../cluster/api';
import { apiPath } from '../cluster/api-path';
import { compareText } from '../cluster/compare-text';
import { isObjectName } from '../cluster/object-name';
import { groupBy } from '../../group-by';
import type {
  ConfigMap,
  Namespace,
  Service,
  StringMap,
  WebhookConfiguration,
  WorkloadObject,
} from '../cluster/objects';
import { matches, matchingLabels } from '../cluster/label-selector';
import { own } from '../cluster/own';
import { injectionWebhooks, injectsIn, type InjectionWebhook } from './injection-webhooks';
import { REVISION_LABEL } from './injection-labels';

/** A namespace, and the labels with which a pod would be injected there. */
export interface ProbePlace {
  readonly namespace: string;
  readonly labels: StringMap;
  readonly namespaceLabels: StringMap;
}

/** The injector of a revision, with places where it injects pods. */
export interface Injector {
  readonly revision: string;
  readonly webhookConfiguration: string;
  /** A webhook that calls the injector. */
  readonly webhook: InjectionWebhook;
  /** Empty if the webhook selects no namespace of the cluster, so that the revision injects nothing. */
  readonly places: readonly ProbePlace[];
  /**
   * Whether the API server can verify the certificate of the injector. For a Service, this needs the CA bundle that
   * istiod sets. For a URL, the API server also trusts its system's roots.
   */
  readonly canBeVerified: boolean;
}

/** An istiod Deployment, with the ConfigMaps that configure injection. */
export interface Istiod {
  readonly revision: string;
  readonly deployment: WorkloadObject;
  readonly injectorConfigMap: ConfigMap | undefined;
  readonly meshConfigMap: ConfigMap | undefined;
}

/** Matches the names of webhooks that validate Istio's resources. */
const VALIDATION_WEBHOOK = /(?:^|\.)validation\.istio\.io$/;

/** Services that were already read, by namespace and name. */
export type KnownServices = Map<string, Service | undefined>;

export function readNamespaces(api: KubernetesApi): Promise<readonly Namespace[]> {
  return api.list<Namespace, Namespace>('/api/v1/namespaces', (namespace) => namespace);
}

/** All MutatingWebhookConfigurations of the cluster, including those of others. */
export function readWebhookConfigurations(api: KubernetesApi): Promise<readonly WebhookConfiguration[]> {
  return api.list<WebhookConfiguration, WebhookConfiguration>(
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    (configuration) => configuration,
  );
}

export function readValidatingWebhookConfigurations(api: KubernetesApi): Promise<readonly WebhookConfiguration[]> {
  return api.list<WebhookConfiguration, WebhookConfiguration>(
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    (configuration) => configuration,
  );
}

/** The injection webhooks. */
export async function readInjectionWebhooks(api: KubernetesApi): Promise<readonly InjectionWebhook[]> {
  return injectionWebhooks(await readWebhookConfigurations(api));
}

/** The namespaces that the webhooks point to: those of the control planes that run in the cluster. */
export function controlPlaneNamespaces(webhooks: readonly InjectionWebhook[]): ReadonlySet<string> {
  const named = webhooks.flatMap(({ service }) => service?.namespace ?? []);
  return new Set(named.filter(isObjectName));
}

/** The injectors that the webhooks call, one for each revision. */
export function injectorsOf(
  webhooks: readonly InjectionWebhook[],
  namespaces: readonly Namespace[],
): readonly Injector[] {
  const byConfiguration = groupBy(webhooks, ({ configuration }) => configuration);
  const byRevision = new Map<string, Injector>();
  for (const members of byConfiguration.values()) {
    const injector = injectorOf(members, namespaces);
    if (injector && !byRevision.get(injector.revision)?.places.length) {
      byRevision.set(injector.revision, injector);
    }
  }
  return [...byRevision.values()];
}

function injectorOf(webhooks: readonly InjectionWebhook[], namespaces: readonly Namespace[]): Injector | undefined {
  const [first] = webhooks;
  const active = namespaces.filter(({ status }) => status?.phase !== 'Terminating');
  const places = webhooks.flatMap((webhook) =>
    active
      .filter(({ metadata }) => injectsIn(webhook, metadata.name, metadata.labels ?? {}))
      .map(({ metadata }) => ({
        namespace: metadata.name,
        namespaceLabels: metadata.labels ?? {},
        labels: matchingLabels(webhook.objectSelector),
      })),
  );
  return (
    first && {
      revision: first.revision,
      webhookConfiguration: first.configuration,
      webhook: first,
      // Namespaces in which all pods are injected come before those that require labels on pods, because most workloads
      // are in the former.
      places: places.sort((a, b) => Object.keys(a.labels).length - Object.keys(b.labels).length),
      canBeVerified: webhooks.every(({ canBeVerified }) => canBeVerified),
    }
  );
}

/**
 * The Deployments behind the Services that Istio's webhooks call; empty if the control plane runs outside the cluster.
 * Webhook configurations are cluster-scoped, so only administrators can write them. Labels do not identify a control
 * plane, because everyone can set them in their own namespace.
 *
 * @param injecting the injection webhooks. If there are none, for example during an uninstall, the webhooks that
 * validate Istio's resources are used instead.
 * @param known stores the Services, so that later reads request none twice
 */
export async function readIstiods(
  api: KubernetesApi,
  injecting: readonly InjectionWebhook[],
  known: KnownServices = new Map(),
): Promise<readonly Istiod[]> {
  const called =
    injecting.length > 0 ? injecting.flatMap(({ service }) => service ?? []) : await readValidatingServices(api);
  const byNamespace = groupBy(
    called.filter(({ namespace, name }) => isObjectName(namespace) && isObjectName(name)),
    ({ namespace }) => namespace,
  );
  const perNamespace = await Promise.all(
    [...byNamespace].map(async ([namespace, places]) => {
      const names = new Set(places.map(({ name }) => name));
      const services = await Promise.all([...names].map((name) => readService(api, { namespace, name }, known)));
      return deploymentsBehind(api, namespace, services);
    }),
  );
  const deployments = perNamespace.flat().sort((one, other) => compareText(placeOf(one), placeOf(other)));
  return Promise.all(deployments.map((deployment) => istiodOf(api, deployment)));
}

/** The Services of the webhooks that validate Istio's resources. */
async function readValidatingServices(
  api: KubernetesApi,
): Promise<readonly { readonly namespace: string; readonly name: string }[]> {
  const configurations = await readValidatingWebhookConfigurations(api);
  return configurations.flatMap(({ webhooks = [] }) =>
    webhooks.flatMap(({ name, clientConfig }) => (VALIDATION_WEBHOOK.test(name) ? (clientConfig.service ?? []) : [])),
  );
}

async function readService(
  api: KubernetesApi,
  place: { readonly namespace: string; readonly name: string },
  known: KnownServices,
): Promise<Service | undefined> {
  const key = `${place.namespace}/${place.name}`;
  if (!known.has(key)) {
    known.set(key, await api.find<Service>(apiPath({ apiVersion: 'v1', resource: 'services', ...place })));
  }
  return known.get(key);
}

async function deploymentsBehind(
  api: KubernetesApi,
  namespace: string,
  services: readonly (Service | undefined)[],
): Promise<readonly WorkloadObject[]> {
  // A Service without a selector leads outside the cluster, or to addresses that others set.
  const selectors = services.flatMap((service) => {
    const matchLabels = service?.spec?.selector ?? {};
    return Object.keys(matchLabels).length > 0 ? [{ matchLabels }] : [];
  });
  if (selectors.length === 0) {
    return [];
  }
  const deployments = await api.list<WorkloadObject, WorkloadObject>(
    apiPath({ apiVersion: 'apps/v1', resource: 'deployments', namespace }),
    (deployment) => deployment,
  );
  return deployments.filter(({ spec }) =>
    selectors.some((selector) => matches(selector, spec.template?.metadata?.labels ?? {})),
  );
}

function placeOf({ metadata: { namespace = '', name } }: WorkloadObject): string {
  return `${namespace}/${name}`;
}

async function istiodOf(api: KubernetesApi, deployment: WorkloadObject): Promise<Istiod> {
  const { namespace = '', labels = {} } = deployment.metadata;
  const revision = own(labels, REVISION_LABEL) ?? 'default';
  const suffix = revision === 'default' ? '' : `-${revision}`;
  const configMap = async (base: string) => {
    const name = `${base}${suffix}`;
    return isObjectName(name)
      ? api.find<ConfigMap>(apiPath({ apiVersion: 'v1', resource: 'configmaps', namespace, name }))
      : undefined;
  };
  const [injectorConfigMap, meshConfigMap] = await Promise.all([
    configMap('istio-sidecar-injector'),
    configMap('istio'),
  ]);
  return { revision, deployment, injectorConfigMap, meshConfigMap };
}
