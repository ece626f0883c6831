import type { KubernetesApi } from '../cluster/api';
import type {
  ConfigMap,
  LabelSelector,
  Namespace,
  StringMap,
  WebhookConfiguration,
  WorkloadObject,
} from '../cluster/objects';
import { matches, matchingLabels } from '../cluster/label-selector';

/** A place where a pod would be injected. */
export interface ProbePlace {
  readonly namespace: string;
  readonly labels: StringMap;
}

/** One revision's injection webhook, and the places where a pod would be injected by it. */
export interface Injector {
  readonly revision: string;
  readonly webhookConfiguration: string;
  /** Empty when no namespace of the cluster is selected by it: nothing is injected by this revision. */
  readonly places: readonly ProbePlace[];
  /** False until istiod has filled in its certificate authority: the API server cannot call it before. */
  readonly hasCaBundle: boolean;
}

/** One istiod Deployment, with the ConfigMaps that decide what it injects. */
export interface Istiod {
  readonly revision: string;
  readonly deployment: WorkloadObject;
  readonly injectorConfigMap: ConfigMap | undefined;
  readonly meshConfigMap: ConfigMap | undefined;
}

const REVISION = 'istio.io/rev';
/** The names of the webhooks that inject. */
export const INJECTION_WEBHOOK = /sidecar-injector\.istio\.io$/;

export function readNamespaces(api: KubernetesApi): Promise<readonly Namespace[]> {
  return api.list<Namespace, Namespace>('/api/v1/namespaces', (namespace) => namespace);
}

/**
 * The injection webhooks of the cluster, one for each revision.
 *
 * @param namespacesOf reads the namespaces that they may select, where there are webhooks
 */
export async function readInjectors(
  api: KubernetesApi,
  namespacesOf: () => Promise<readonly Namespace[]> = () => readNamespaces(api),
): Promise<readonly Injector[]> {
  const configurations = await api.list<WebhookConfiguration, WebhookConfiguration>(
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    (configuration) => configuration,
  );
  const injecting = configurations.filter(({ webhooks = [] }) =>
    webhooks.some(({ name }) => INJECTION_WEBHOOK.test(name)),
  );
  if (injecting.length === 0) {
    return [];
  }
  const namespaces = await namespacesOf();
  const byRevision = new Map<string, Injector>();
  for (const configuration of injecting) {
    const injector = injectorOf(configuration, namespaces);
    if (!byRevision.get(injector.revision)?.places.length) {
      byRevision.set(injector.revision, injector);
    }
  }
  return [...byRevision.values()];
}

function injectorOf(configuration: WebhookConfiguration, namespaces: readonly Namespace[]): Injector {
  const webhooks = (configuration.webhooks ?? []).filter(({ name }) => INJECTION_WEBHOOK.test(name));
  const active = namespaces.filter(({ status }) => status?.phase !== 'Terminating');
  const places = webhooks.flatMap(({ namespaceSelector, objectSelector }) =>
    active
      .filter((namespace) => selects(namespaceSelector, namespace))
      .map(({ metadata }) => ({ namespace: metadata.name, labels: matchingLabels(objectSelector) })),
  );
  return {
    revision: configuration.metadata.labels?.[REVISION] ?? 'default',
    webhookConfiguration: configuration.metadata.name,
    // Where pods are injected as they come rather than by labels of their own: that is where most workloads are.
    places: places.sort((a, b) => Object.keys(a.labels).length - Object.keys(b.labels).length),
    hasCaBundle: webhooks.every(({ clientConfig }) => Boolean(clientConfig.caBundle)),
  };
}

/** Istiod injects nothing in these, whatever its webhook selects. */
export const NEVER_INJECTED = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

function selects(selector: LabelSelector | undefined, namespace: Namespace): boolean {
  const { name, labels = {} } = namespace.metadata;
  return !NEVER_INJECTED.includes(name) && matches(selector, { 'kubernetes.io/metadata.name': name, ...labels });
}

/** The istiod Deployments of the cluster; none when the control plane is elsewhere. */
export async function readIstiods(api: KubernetesApi): Promise<readonly Istiod[]> {
  const deployments = await api.list<WorkloadObject, WorkloadObject>(
    '/apis/apps/v1/deployments',
    (deployment) => deployment,
    { labelSelector: 'app=istiod' },
  );
  return Promise.all(
    deployments.map(async (deployment) => {
      const { namespace = '', labels = {} } = deployment.metadata;
      const revision = labels[REVISION] ?? 'default';
      const suffix = revision === 'default' ? '' : `-${revision}`;
      const configMap = (name: string) =>
        api.find<ConfigMap>(`/api/v1/namespaces/${namespace}/configmaps/${name}${suffix}`);
      const [injectorConfigMap, meshConfigMap] = await Promise.all([
        configMap('istio-sidecar-injector'),
        configMap('istio'),
      ]);
      return { revision, deployment, injectorConfigMap, meshConfigMap };
    }),
  );
}
