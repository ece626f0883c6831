import { parse } from 'yaml';
import type { ConfigMap, WorkloadObject } from '../cluster/objects';
import type { Istiod } from './control-planes';
import { RestartError } from '../restart-error';

/** What the ConfigMaps in the cluster say that injected proxies look like, as far as it can be read off a pod. */
export interface InjectorConfiguration {
  /** The image of `istio-proxy`; undefined when the values do not determine it. */
  readonly image: string | undefined;
  /** Requests and limits of `istio-proxy`, as quantities; undefined when the values leave them open. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** `meshConfig.defaultConfig`, as leaves by path in camel case; undefined when another ConfigMap has a part in it. */
  readonly proxyConfig: ReadonlyMap<string, string> | undefined;
}

interface InjectorValues {
  readonly global?: {
    readonly hub?: string;
    readonly tag?: string | number;
    readonly variant?: string;
    readonly proxy?: { readonly image?: string; readonly resources?: Record<string, Record<string, unknown>> };
  };
}

interface MeshConfig {
  readonly defaultConfig?: { readonly image?: { readonly imageType?: string } } & Record<string, unknown>;
}

const IMAGE_TYPES = ['distroless', 'debug', 'default'];

/** What the injector's configuration is read from. */
export type ConfiguredBy = Pick<Istiod, 'injectorConfigMap' | 'meshConfigMap'> & Partial<Pick<Istiod, 'deployment'>>;

/**
 * Reads the two ConfigMaps of one revision: `istio-sidecar-injector` (keys `config` and `values`) and `istio` (key `mesh`).
 * What templates of the user's own, or a further ConfigMap of the mesh, may decide otherwise is left open.
 *
 * @throws RestartError `InjectorOutOfDate` when either is not what istiod can read either
 */
export function injectorConfiguration({
  injectorConfigMap,
  meshConfigMap,
  deployment,
}: ConfiguredBy): InjectorConfiguration {
  const values = read<InjectorValues>(injectorConfigMap, 'values');
  const meshConfig = read<MeshConfig>(meshConfigMap, 'mesh');
  const own = ownTemplates(injectorConfigMap);
  const isShared = hasSharedMeshConfig(deployment);
  return {
    image: isShared || /\bimage:/.test(own) ? undefined : proxyImage(values, meshConfig),
    resources: /\bresources:/.test(own) ? undefined : proxyResources(values),
    proxyConfig: isShared || own.includes('PROXY_CONFIG') ? undefined : leavesOf(meshConfig.defaultConfig ?? {}),
  };
}

interface InjectorConfig {
  readonly defaultTemplates?: readonly string[] | null;
  readonly templates?: Readonly<Record<string, string>>;
}

/** The templates that are applied to every pod beside Istio's own. */
function ownTemplates(injector: ConfigMap | undefined): string {
  const { defaultTemplates, templates = {} } = read<InjectorConfig>(injector, 'config');
  return (defaultTemplates ?? [])
    .filter((name) => name !== 'sidecar')
    .map((name) => templates[name] ?? '')
    .join('\n');
}

/** Managed control planes merge a ConfigMap of the user's into that of the mesh. */
function hasSharedMeshConfig(deployment: WorkloadObject | undefined): boolean {
  const containers = deployment?.spec.template?.spec.containers ?? [];
  return containers.some(({ env = [] }) => env.some(({ name, value }) => name === 'SHARED_MESH_CONFIG' && value));
}

/** The charts write JSON, which is YAML too, but is read faster as what it is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parse(text);
  }
}

function read<T extends object>(configMap: ConfigMap | undefined, key: string): T {
  const text = configMap?.data?.[key];
  if (!configMap || text === undefined) {
    return {} as T;
  }
  try {
    return (parsed(text) ?? {}) as T;
  } catch (cause) {
    const { namespace = '', name } = configMap.metadata;
    throw new RestartError(
      'InjectorOutOfDate',
      `ConfigMap ${namespace}/${name} holds no readable YAML in its key "${key}", so istiod keeps an older configuration`,
      { remedy: 'correct it and run again', cause },
    );
  }
}

/** @see https://istio.io/latest/docs/ops/configuration/security/harden-docker-images/ for the variants */
function proxyImage(values: InjectorValues, mesh: MeshConfig): string | undefined {
  const { hub, tag, variant, proxy } = values.global ?? {};
  const image = proxy?.image || 'proxyv2';
  if (image.includes('/')) {
    return image;
  }
  if (!hub || tag === undefined || tag === '') {
    return undefined;
  }
  const type = mesh.defaultConfig?.image?.imageType || variant;
  return `${hub}/${image}:${type ? tagOfType(String(tag), type) : String(tag)}`;
}

function tagOfType(tag: string, type: string): string {
  const known = IMAGE_TYPES.find((suffix) => tag.endsWith(`-${suffix}`));
  const base = known ? tag.slice(0, -known.length - 1) : tag;
  return type === 'default' ? base : `${base}-${type}`;
}

function proxyResources(values: InjectorValues): InjectorConfiguration['resources'] {
  const resources = values.global?.proxy?.resources;
  return (
    resources &&
    Object.fromEntries(
      Object.entries(resources).map(([list, quantities]) => [
        list,
        Object.fromEntries(
          Object.entries(quantities ?? {}).flatMap(([name, quantity]) =>
            quantity === null || quantity === undefined ? [] : [[name, String(quantity)]],
          ),
        ),
      ]),
    )
  );
}

/** Stands for an object in which nothing is set. */
export const EMPTY_OBJECT = '{}';

/** A configuration as its leaves: `tracing.zipkin.address` → value, in the form in which Istio prints it. */
export function leavesOf(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) {
    return new Map([[path, normal(value)]]);
  }
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [String(index), item])
    : Object.entries(value);
  if (entries.length === 0 && path !== '' && !Array.isArray(value) && !isFreeKey(path)) {
    return new Map([[path, EMPTY_OBJECT]]);
  }
  return new Map(
    entries.flatMap(([key, item]) => {
      const name = isFreeKey(path) ? key : camelCase(key);
      return [...leavesOf(item, path === '' ? name : `${path}.${name}`)];
    }),
  );
}

/** Maps whose keys are their user's own, and must not be taken for field names. */
function isFreeKey(path: string): boolean {
  return ['proxyMetadata', 'runtimeValues'].includes(path) || path === 'tracing.customTags';
}

function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const DURATION = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** Durations count in seconds, however they are written; everything else is its own text. */
function normal(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value as string | number | boolean);
  const duration = /\d[hms]/.test(text) ? DURATION.exec(text) : null;
  if (!duration) {
    return text;
  }
  const [, hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = duration.map(Number).map((part) => part || 0);
  return `${String(hours * 3600 + minutes * 60 + seconds + milliseconds / 1000)}s`;
}
