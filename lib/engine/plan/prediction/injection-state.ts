import { apiPath } from '../../cluster/api-path';
import { parse } from '../../../bundled-libraries/yaml';
import { readIstiods } from '../../istio/control-planes';
import { INJECTION_WEBHOOK, injectionWebhooks } from '../../istio/injection-webhooks';
import type { KubernetesApi } from '../../cluster/api';
import type {
  ConfigMap,
  Namespace,
  ObjectMeta,
  StringMap,
  WebhookConfiguration,
  WorkloadObject,
} from '../../cluster/objects';
import { own } from '../../cluster/own';
import { RestartError } from '../../restart-error';
import { appliedMetadata, groupOf, type LiveMetadata, type Manifest } from './manifest';
import { REVISION_LABEL } from '../../istio/injection-labels';

/** Everything that determines which pods are injected, and how, in a cluster now or after manifests are applied. */
export interface InjectionState {
  readonly namespaces: ReadonlyMap<string, LiveMetadata>;
  /** Webhook configurations by name, in the order in which the API server calls them. */
  readonly webhooks: ReadonlyMap<string, WebhookConfiguration>;
  /** Revisions by name. */
  readonly revisions: ReadonlyMap<string, Revision>;
  readonly proxyConfigs: readonly ProxyConfigResource[];
}

/** The injection settings of one revision of the control plane. */
export interface Revision {
  readonly name: string;
  /** The namespace of the control plane. */
  readonly namespace: string;
  /** Key `config` of its ConfigMap `istio-sidecar-injector`: templates and policy. */
  readonly config: string;
  /** Key `values` of the same ConfigMap. */
  readonly values: string;
  /** Key `mesh` of its ConfigMap `istio`. */
  readonly mesh: string;
  /** The environment variables of istiod's container with literal values. */
  readonly env: StringMap;
  /** Istio's version, such as `1.31.1`; undefined if it is unknown. */
  readonly version: string | undefined;
}

/** A ProxyConfig resource, which changes the configuration of proxies. */
export interface ProxyConfigResource {
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace' | 'creationTimestamp'>;
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: StringMap };
    readonly concurrency?: number | null;
    readonly environmentVariables?: StringMap;
    readonly image?: object;
  };
}

interface IstiodTemplate {
  readonly containers?: readonly {
    readonly name: string;
    readonly image?: string;
    readonly env?: readonly { readonly name: string; readonly value?: string }[];
  }[];
}

type Fields = Readonly<Record<string, unknown>>;

const WEBHOOKS = 'mutatingwebhookconfigurations';
const INJECTOR_CONFIG_MAP = /^istio-sidecar-injector(?:-(.+))?$/;
const MESH_CONFIG_MAP = /^istio(?:-(.+))?$/;
/** Fields of the key `config` that must be lists. */
const LISTS = ['neverInjectSelector', 'alwaysInjectSelector', 'defaultTemplates'];
const EMPTY: Omit<Revision, 'name' | 'namespace'> = { config: '', values: '', mesh: '', env: {}, version: undefined };

/** Reads the current state. */
export async function readInjectionState(api: KubernetesApi): Promise<InjectionState> {
  const namespaces = await api.list<Namespace, [string, ObjectMeta]>(
    '/api/v1/namespaces',
    ({ metadata }) => [metadata.name, metadata],
    { managedFields: true },
  );
  const webhooks = await api.list<WebhookConfiguration, WebhookConfiguration>(
    apiPath({ apiVersion: 'admissionregistration.k8s.io/v1', resource: WEBHOOKS }),
    (configuration) => configuration,
  );
  const revisions = (await readIstiods(api, injectionWebhooks(webhooks))).map(
    ({ revision, deployment, injectorConfigMap, meshConfigMap }) => ({
      ...EMPTY,
      name: revision,
      namespace: deployment.metadata.namespace ?? '',
      ...ofInjectorConfigMap(injectorConfigMap),
      ...ofMeshConfigMap(meshConfigMap),
      ...ofDeployment(deployment),
    }),
  );
  const list = await api.find<{ readonly items: readonly ProxyConfigResource[] }>(
    '/apis/networking.istio.io/v1beta1/proxyconfigs',
  );
  return {
    namespaces: new Map(namespaces.map(([name, metadata]) => [name, liveMetadata(metadata)])),
    webhooks: byName(webhooks),
    revisions: new Map(revisions.map((revision) => [revision.name, revision])),
    proxyConfigs: list?.items ?? [],
  };
}

function liveMetadata({ labels = {}, annotations = {}, managedFields }: ObjectMeta): LiveMetadata {
  return { labels, annotations, managedFields };
}

/**
 * The state after the manifests are applied. Everything that they do not contain stays unchanged.
 *
 * @throws RestartError `InvalidOption` for an injector configuration that istiod would reject, or for manifests that
 * the API server would reject
 */
export function appliedState(state: InjectionState, manifests: readonly Manifest[]): InjectionState {
  const namespaces = new Map(state.namespaces);
  const webhooks = appliedWebhooks(state, manifests);
  const called = calledNamespaces([...webhooks.values()]);
  const revisions = new Map(state.revisions);
  const proxyConfigs = new Map(state.proxyConfigs.map((one) => [placeOf(one.metadata), one]));
  const change = (name: string, { metadata: { namespace } }: Manifest, fields: Partial<Revision>) => {
    const known = revisions.get(name);
    const places = known ? new Set([known.namespace]) : called.get(name);
    // A Deployment of the same revision in another namespace belongs to another mesh, or only looks like a control
    // plane.
    if (namespace === undefined || (places?.has(namespace) ?? true)) {
      revisions.set(name, { ...EMPTY, name, namespace: namespace ?? 'istio-system', ...known, ...fields });
    }
  };
  for (const manifest of manifests) {
    const { kind, metadata } = manifest;
    const revision = metadata.labels?.[REVISION_LABEL];
    const group = groupOf(manifest);
    if (kind === 'Namespace' && group === '') {
      namespaces.set(metadata.name, appliedMetadata(namespaces.get(metadata.name) ?? {}, manifest));
    } else if (kind === 'ConfigMap' && group === '') {
      const injector = INJECTOR_CONFIG_MAP.exec(metadata.name);
      const mesh = MESH_CONFIG_MAP.exec(metadata.name);
      const configMap = manifest as unknown as ConfigMap;
      if (injector && configMap.data?.config !== undefined) {
        change(revision ?? injector[1] ?? 'default', manifest, ofInjectorConfigMap(configMap));
      } else if (mesh && configMap.data?.mesh !== undefined) {
        change(revision ?? mesh[1] ?? 'default', manifest, ofMeshConfigMap(configMap));
      }
    } else if (kind === 'Deployment' && metadata.labels?.app === 'istiod') {
      const containers = listAt(manifest, ['spec', 'template', 'spec', 'containers']);
      containers.forEach((container) => listAt(manifest, ['env'], container));
      const spec = { template: { spec: { containers } } };
      change(revision ?? 'default', manifest, ofDeployment({ ...manifest, spec } as unknown as WorkloadObject));
    } else if (kind === 'ProxyConfig' && group === 'networking.istio.io') {
      const { name, namespace = 'default' } = metadata;
      const place = placeOf({ name, namespace });
      const { spec } = manifest as ProxyConfigResource;
      proxyConfigs.set(place, { metadata: proxyConfigs.get(place)?.metadata ?? { name, namespace }, spec });
    }
  }
  for (const revision of revisions.values()) {
    refuseUnreadable(revision);
  }
  return { namespaces, webhooks: byName([...webhooks.values()]), revisions, proxyConfigs: [...proxyConfigs.values()] };
}

function appliedWebhooks(state: InjectionState, manifests: readonly Manifest[]): Map<string, WebhookConfiguration> {
  const webhooks = new Map(state.webhooks);
  for (const manifest of manifests.filter(({ kind }) => kind === 'MutatingWebhookConfiguration')) {
    const listed = listAt(manifest, ['webhooks']).map((one) => ({
      ...one,
      clientConfig: isFields(one.clientConfig) ? one.clientConfig : {},
    }));
    webhooks.set(manifest.metadata.name, { ...manifest, webhooks: listed } as unknown as WebhookConfiguration);
  }
  return webhooks;
}

/**
 * The namespaces of the Services that webhooks call, by revision. A revision whose webhooks all call a URL has an empty
 * set; a revision without webhooks is missing.
 */
function calledNamespaces(configurations: readonly WebhookConfiguration[]): ReadonlyMap<string, ReadonlySet<string>> {
  const called = new Map<string, Set<string>>();
  for (const { metadata, webhooks = [] } of configurations) {
    const revision = own(metadata.labels ?? {}, REVISION_LABEL) ?? 'default';
    for (const { name, clientConfig } of webhooks) {
      const { service, url } = clientConfig;
      if (INJECTION_WEBHOOK.test(name) && (service ?? url) !== undefined) {
        const namespaces = called.get(revision) ?? new Set();
        called.set(revision, service ? namespaces.add(service.namespace) : namespaces);
      }
    }
  }
  return called;
}

function placeOf({ namespace = '', name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function byName(webhooks: readonly WebhookConfiguration[]): ReadonlyMap<string, WebhookConfiguration> {
  const named = webhooks.map((one) => [one.metadata.name, one] as const);
  return new Map(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function ofInjectorConfigMap(configMap: ConfigMap | undefined): Partial<Revision> {
  const { config, values } = configMap?.data ?? {};
  return { ...(config === undefined ? {} : { config }), ...(values === undefined ? {} : { values }) };
}

function ofMeshConfigMap(configMap: ConfigMap | undefined): Partial<Revision> {
  const mesh = configMap?.data?.mesh;
  return mesh === undefined ? {} : { mesh };
}

function ofDeployment({ metadata, spec }: WorkloadObject): Partial<Revision> {
  const { containers = [] } = (spec.template?.spec ?? {}) as IstiodTemplate;
  const istiod = containers.find(({ name }) => name === 'discovery') ?? containers[0];
  const env = (istiod?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  return {
    env: Object.fromEntries(env),
    version: versionOf(istiod?.image) ?? versionOf(`:${metadata.labels?.['app.kubernetes.io/version'] ?? ''}`),
  };
}

/**
 * The version of an image: `1.31.1` for `docker.io/istio/pilot:1.31.1-distroless`; undefined for an image with only a
 * digest.
 */
function versionOf(image: string | undefined): string | undefined {
  const tag = /:v?(\d+\.\d+\.\d+[\w.-]*)(?:@|$)/.exec(image ?? '')?.[1];
  return tag?.replace(/-(?:distroless|debug)$/, '');
}

/** The objects of the list at the path; empty if the field is missing. */
function listAt(manifest: Manifest, path: readonly string[], within: unknown = manifest): readonly Fields[] {
  const list = path.reduce<unknown>((value, field) => (isFields(value) ? value[field] : value), within) ?? [];
  if (!Array.isArray(list) || !list.every(isFields)) {
    const { kind, metadata } = manifest;
    throw new RestartError(
      'InvalidOption',
      `The ${path.join('.')} of ${kind} ${metadata.name} is not a list of objects`,
      {
        remedy: 'fix it: the API server would reject it',
      },
    );
  }
  return list;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseUnreadable({ name, config, values, mesh }: Revision): void {
  for (const [what, text] of Object.entries({ config, values, mesh })) {
    const refuse = (why: string, cause?: unknown) =>
      new RestartError('InvalidOption', `The injector's configuration of revision ${name} ${why}`, {
        remedy: 'fix it: istiod would reject it and keep its current one',
        cause,
      });
    let found: unknown;
    try {
      found = parse(text) ?? {};
    } catch (cause) {
      throw refuse(`is not valid YAML in "${what}": ${(cause as Error).message.split('\n')[0] ?? ''}`, cause);
    }
    if (!isFields(found)) {
      throw refuse(`has a value that is not a mapping in "${what}"`);
    }
    const fields = found;
    const wrong = LISTS.find((list) => what === 'config' && !Array.isArray(fields[list] ?? []));
    if (wrong !== undefined) {
      throw refuse(`has a value that is not a list in "${wrong}" of "${what}"`);
    }
  }
}
