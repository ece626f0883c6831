import { apiPath } from '../../cluster/api-path';
import { parse } from 'yaml';
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

/** All that decides which pods are injected, and with what: as it is in a cluster, or as it will be. */
export interface InjectionState {
  readonly namespaces: ReadonlyMap<string, LiveMetadata>;
  /** By name, in the order in which the API server calls them. */
  readonly webhooks: ReadonlyMap<string, WebhookConfiguration>;
  /** By name of the revision. */
  readonly revisions: ReadonlyMap<string, Revision>;
  readonly proxyConfigs: readonly ProxyConfigResource[];
}

/** What one revision of the control plane injects by. */
export interface Revision {
  readonly name: string;
  /** Of the control plane. */
  readonly namespace: string;
  /** Key `config` of its ConfigMap `istio-sidecar-injector`: templates and policy. */
  readonly config: string;
  /** Key `values` of the same. */
  readonly values: string;
  /** Key `mesh` of its ConfigMap `istio`. */
  readonly mesh: string;
  /** The variables that istiod's container has as plain text. */
  readonly env: StringMap;
  /** Istio's version, such as `1.31.1`; undefined where istiod does not say. */
  readonly version: string | undefined;
}

/** A resource of Istio's kind ProxyConfig, which adds to the proxies' configuration. */
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
/** What of the key `config` has to be lists. */
const LISTS = ['neverInjectSelector', 'alwaysInjectSelector', 'defaultTemplates'];
const EMPTY: Omit<Revision, 'name' | 'namespace'> = { config: '', values: '', mesh: '', env: {}, version: undefined };

/** Reads how pods are injected today. */
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
 * The state once the manifests are applied. What they do not have stays as it is.
 *
 * @throws RestartError `InvalidOption` for a configuration of the injector that istiod would refuse, and for manifests that
 * the API server would
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
    // One of the same revision elsewhere is another mesh's, or only looks like a control plane.
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

/** By revision, the namespaces of the Services that its webhooks call; none of them for webhooks that call a URL. */
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

/** Of an image such as `docker.io/istio/pilot:1.31.1-distroless`, `1.31.1`; undefined for one that is named by digest alone. */
function versionOf(image: string | undefined): string | undefined {
  const tag = /:v?(\d+\.\d+\.\d+[\w.-]*)(?:@|$)/.exec(image ?? '')?.[1];
  return tag?.replace(/-(?:distroless|debug)$/, '');
}

/** The objects of the list there; none where there is no list. */
function listAt(manifest: Manifest, path: readonly string[], within: unknown = manifest): readonly Fields[] {
  const list = path.reduce<unknown>((value, field) => (isFields(value) ? value[field] : value), within) ?? [];
  if (!Array.isArray(list) || !list.every(isFields)) {
    const { kind, metadata } = manifest;
    throw new RestartError(
      'InvalidOption',
      `${kind} ${metadata.name} has a ${path.join('.')} that is no list of objects`,
      {
        remedy: 'correct it: the API server would refuse it',
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
        remedy: 'correct it: istiod would refuse it and keep the one it has',
        cause,
      });
    let found: unknown;
    try {
      found = parse(text) ?? {};
    } catch (cause) {
      throw refuse(`is no valid YAML in "${what}": ${(cause as Error).message.split('\n')[0] ?? ''}`, cause);
    }
    if (!isFields(found)) {
      throw refuse(`is no mapping in "${what}"`);
    }
    const fields = found;
    const wrong = LISTS.find((list) => what === 'config' && !Array.isArray(fields[list] ?? []));
    if (wrong !== undefined) {
      throw refuse(`has no list in "${wrong}" of "${what}"`);
    }
  }
}
